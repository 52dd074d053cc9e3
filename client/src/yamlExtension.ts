// Red Hat's YAML extension, where it is installed: it gets our schema, and then judges structure in our stead.
import { Disposable, extensions, workspace } from 'vscode'
import type { Server } from './server.ts'

const id = 'redhat.vscode-yaml'
const contributor = 'istio-security'
const schemaUri = `${contributor}://schemas/istio.json`

/** What that extension exports. Source: redhat-developer/vscode-yaml, src/schema-extension-api.ts. */
interface YamlApi {
  registerContributor(
    name: string,
    schemaOf: (resource: string) => string | undefined,
    contentOf: (schema: string) => Promise<string> | string,
    label?: string,
  ): boolean
}

/** Whether it judges YAML files at all. */
export function judgesYaml(): boolean {
  return extensions.getExtension(id) !== undefined && workspace.getConfiguration('yaml').get('validate') !== false
}

export class YamlExtension extends Disposable {
  readonly #server: Server
  #judges = judgesYaml()
  #registered = false

  constructor(server: Server) {
    const noticed = [
      extensions.onDidChange(() => this.#notice()),
      workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration('yaml.validate')) this.#notice()
      }),
    ]
    super(() => Disposable.from(...noticed).dispose())
    this.#server = server
    void this.#contribute()
  }

  /** Installed, removed or switched meanwhile: who says what changes with it. */
  #notice(): void {
    if (judgesYaml() === this.#judges) return
    this.#judges = !this.#judges
    void this.#contribute()
    void this.#server.restart()
  }

  async #contribute(): Promise<void> {
    if (!this.#judges || this.#registered) return
    try {
      const api = await extensions.getExtension<YamlApi | undefined>(id)?.activate()
      this.#registered = api?.registerContributor(contributor, schemaOf, () => this.#schema(), 'Istio') ?? false
    } catch (error) {
      this.#server.log.warn(`YAML extension: it did not take the schema (${error})`)
    }
  }

  async #schema(): Promise<string> {
    return (await this.#server.jsonSchema()) ?? '{}'
  }
}

/** Our schema for files that hold a kind of Istio, as long as the setting leaves structure to the other extension. */
function schemaOf(resource: string): string | undefined {
  if (workspace.getConfiguration('istioSecurity').get('schemaValidation') !== 'auto') return undefined
  const text = workspace.textDocuments.find(({ uri }) => uri.toString() === resource)?.getText() ?? ''
  return /^apiVersion:\s*['"]?[a-z.]*istio\.io\//m.test(text) ? schemaUri : undefined
}

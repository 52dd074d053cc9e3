// The kubeconfig of the demo, as text: one cluster, two users, two contexts.

export interface KubeconfigParts {
  readonly server: string
  /** PEM. */
  readonly ca: string
  readonly tokens: { readonly viewer: string; readonly narrow: string }
}

export function kubeconfigText({ server, ca, tokens }: KubeconfigParts): string {
  return `apiVersion: v1
kind: Config
current-context: demo
clusters:
  - name: demo
    cluster:
      server: ${server}
      certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
  - name: demo-viewer
    user:
      token: ${tokens.viewer}
  - name: demo-narrow
    user:
      token: ${tokens.narrow}
contexts:
  - name: demo
    context: { cluster: demo, user: demo-viewer }
  - name: demo-narrow
    context: { cluster: demo, user: demo-narrow, namespace: shop }
`
}

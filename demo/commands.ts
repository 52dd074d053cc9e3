// The live commands: what can happen to the demo while somebody watches, and the sentence that tells where to look.
import type { World } from './world.ts'

export interface LiveCommand {
  readonly summary: string
  /** Does it and answers one sentence: what happened, what to look at. */
  readonly run: (world: World) => Promise<string>
}

/** Undefined where there is no such command. */
export const liveCommand = (name: string): LiveCommand | undefined => (Object.hasOwn(liveCommands, name) ? liveCommands[name] : undefined)

export const liveCommands: Readonly<Record<string, LiveCommand>> = {
  'add-pod': {
    summary: 'start a pod of shop/cart',
    async run(world) {
      const pod = await world.addPod()
      return `Pod shop/${pod} is starting: look at shop in the Workloads view, and at the policy in shop/cart.yaml, which now selects a workload.`
    },
  },
  'delete-account': {
    summary: 'delete service account shop/nightly-report',
    async run(world) {
      if (!world.deleteAccount()) return 'Service account shop/nightly-report was deleted before; "reset" brings it back.'
      return 'Service account shop/nightly-report is gone: look at its principal in shop/db.yaml.'
    },
  },
  rotate: {
    summary: 'issue every workload certificate anew',
    async run(world) {
      const count = await world.rotate()
      return `${count} proxies have new certificates: refresh the Certificates view; billing/invoicer is healthy now.`
    },
  },
  expire: {
    summary: 'let the certificates of shop/checkout expire',
    async run(world) {
      const pods = await world.expire()
      return `The certificates of ${pods.length} pods of shop/checkout expired an hour ago: refresh the Certificates view and inspect ${pods[0]}.`
    },
  },
  reset: {
    summary: 'put everything back as it was at the start',
    async run(world) {
      await world.reset()
      return 'The demo mesh is as it was at the start.'
    },
  },
}

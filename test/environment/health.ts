/** What the shards of a simulated platform say of their own health. */
import type { Finding, HealthApi, HealthPage } from '../../shared/health.ts'
import type { SimulatedPlatform } from '../../testing/simulated/platform.ts'

interface Asked {
  readonly repair?: boolean
}

/** Of every shard that has been used. */
export async function findingsOf(platform: SimulatedPlatform, asked: Asked = {}): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const page of await pagesOf(platform, asked)) findings.push(...page.findings)
  return findings
}

async function pagesOf(platform: SimulatedPlatform, asked: Asked = {}): Promise<HealthPage[]> {
  const shards = platform.shards
  const pages: HealthPage[] = []
  for (let shard = 0; shard < shards; shard += 1) {
    const to = { namespace: 'default', shard, shards }
    const namespace = platform.namespace(null)
    const stub = namespace.get(`default/${shard}`) as HealthApi // a stub answers to every name
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const reply = await stub.health({ to, ...asked, ...(cursor !== '' && { cursor }) })
      if (!reply.ok) throw new Error(`${reply.code}: ${reply.message}`)
      pages.push(reply.value)
      cursor = reply.value.cursor
    }
  }
  return pages
}

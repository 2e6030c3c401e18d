import { describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import packageJson from '../../package.json' with { type: 'json' }

describe('the archiver of npm run dev', () => {
  test('is the one that is deployed, but for its token and the credentials of the local bucket', () => {
    const deployed = read('archiver/wrangler.toml')
    const local = read('archiver/dev.wrangler.toml')
    const [bucket] = local.r2_buckets
    expect(bucket).toHaveProperty('local_dev')
    const buckets = [{ ...bucket, local_dev: undefined }]
    expect({ ...local, ...pathsOf(deployed), vars: {}, r2_buckets: buckets }).toEqual(deployed)
    expect(local.vars).toEqual({ API_TOKEN: 'dev' })
  })

  test('is not the one that is deployed, which has neither', () => {
    expect(packageJson.scripts.deploy).not.toContain('dev.wrangler.toml')
    const { vars, r2_buckets: buckets } = read('archiver/wrangler.toml')
    expect(vars).toEqual({})
    expect(buckets).toEqual([{ binding: 'ARCHIVE', bucket_name: 'perdure-archive' }])
  })
})

function read(config: string) {
  return unstable_readConfig({ config }, { hideWarnings: true })
}

function pathsOf({ configPath, userConfigPath }: ReturnType<typeof read>) {
  return { configPath, userConfigPath }
}

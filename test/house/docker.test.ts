// What docker/ promises, held against its files: pinned, non-root, read-only, with probes and limits, and nothing that Compose would not take.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@varde/runtime'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

const docker = join(import.meta.dirname, '..', '..', 'docker')
const text = (name: string) => readFileSync(join(docker, name), 'utf8')

/** What Compose takes of each key that this file uses, and no key besides: `docker compose config` needs a client that few machines have. */
const duration = z.string().regex(/^(\d+(h|m|s|ms|us))+$/)
const bytes = z.string().regex(/^\d+[kmg]$/)
const Service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  user: z.string(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  tmpfs: z.array(z.string().regex(/^\/[\w/]+(:[\w=,]+)?$/)).optional(),
  init: z.boolean().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  scale: z.int().min(1).optional(),
  stop_grace_period: duration,
  environment: z.record(z.string(), z.string()),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }))
    .optional(),
  healthcheck: z.strictObject({
    test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
    interval: duration,
    timeout: duration,
    retries: z.int().min(1),
    start_period: duration.optional(),
  }),
  mem_limit: bytes.optional(),
  networks: z.array(z.string()).min(1),
  volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)),
  command: z.array(z.string()).optional(),
  ports: z.array(z.string().regex(/^\d+:\d+(\/(udp|tcp))?$/)).optional(),
  profiles: z.array(z.string()).optional(),
})
const Compose = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string().regex(/^[\w.-]+$/), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
})
/** Templates of our own begin with x- and are merged by their name alone. */
const ofCompose = Object.entries(parse(text('compose.yaml'), { merge: true })).filter(([key]) => !key.startsWith('x-'))
const compose = Compose.parse(Object.fromEntries(ofCompose))
const services = Object.entries(compose.services)

const pinned = /^[\w./-]+:\d+\.\d+\.\d+[\w.-]*$/

describe('compose.yaml', () => {
  test('has Kafka, Elasticsearch and every role', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'api',
      'collect',
      'correlate',
      'elasticsearch',
      'ingest',
      'kafka',
      'sample',
    ])
    const roles = services.flatMap(([, { command = [] }]) => {
      const at = command.indexOf('--role')
      return at < 0 ? [] : (command[at + 1]?.split(',') ?? [])
    })
    expect(roles.sort()).toEqual(['api', 'collect', 'correlate', 'ingest', 'notify'])
  })

  test.each(services)('%s: pinned, not root, no capabilities, asked for its health', (_, service) => {
    expect(service.image).toMatch(pinned)
    expect(service.user).not.toMatch(/^(0|root)\b/)
    expect(service.cap_drop).toEqual(['ALL'])
    expect(service.security_opt).toContain('no-new-privileges:true')
    // Secrets are read, never written.
    for (const volume of service.volumes.filter((one) => one.startsWith('./'))) expect(volume).toMatch(/:ro$/)
  })

  test('Varde’s own services have a read-only root', () => {
    const own = services.filter(([, { image }]) => image.startsWith('varde:'))
    expect(own).toHaveLength(5)
    expect(own.filter(([, { read_only }]) => read_only !== true)).toEqual([])
  })

  test('nothing but Varde’s doors is published, and every service of the cluster has a memory limit', () => {
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)
    expect(published.sort()).toEqual(['api', 'collect', 'sample'])
    expect(services.filter(([, { mem_limit, profiles }]) => mem_limit === undefined && profiles === undefined)).toEqual(
      [],
    )
  })

  test('names only services, networks, volumes and files that are there', () => {
    for (const [name, { networks, volumes, depends_on = {}, build }] of services) {
      expect(Object.keys(compose.networks), name).toEqual(expect.arrayContaining(networks))
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(compose.services[other], `${name} waits for ${other}`).toBeDefined()
        expect(condition).toBe('service_healthy')
      }
      for (const [from = ''] of volumes.map((one) => one.split(':'))) {
        if (!from.startsWith('.')) expect(Object.keys(compose.volumes), name).toContain(from)
        // What make-secrets.sh makes is there after it alone.
        else if (from !== './secrets') expect(existsSync(join(docker, from)), from).toBe(true)
      }
      if (build !== undefined) expect(existsSync(join(docker, build.context, build.dockerfile))).toBe(true)
    }
    const used = services.flatMap(([, { volumes }]) => volumes.map((one) => one.split(':')[0]))
    expect(used).toEqual(expect.arrayContaining(Object.keys(compose.volumes)))
  })

  test('no two services publish the same port', () => {
    const published = services.flatMap(([, { ports = [] }]) =>
      ports.map((port) => `${port.split(':')[0]}/${port.split('/')[1] ?? 'tcp'}`),
    )
    expect(new Set(published).size).toBe(published.length)
  })

  test('asks the environment for what make-secrets.sh writes, and for nothing else', () => {
    const asked = [...text('compose.yaml').matchAll(/(?<!\$)\$\{(\w+)(:\?[^}]+)?\}/g)]
    expect(new Set(asked.map(([, name]) => name))).toEqual(new Set(['VARDE_ELASTIC_PASSWORD']))
    // Without it nothing starts, and the reason is said.
    expect(asked.filter(([, , reason]) => reason === undefined)).toEqual([])
    expect(text('make-secrets.sh')).toContain('VARDE_ELASTIC_PASSWORD=')
    // Any other dollar is meant for the shell in the container, and doubled.
    expect(text('compose.yaml').replaceAll(/\$\$|(?<!\$)\$\{\w+(:\?[^}]+)?\}/g, '')).not.toContain('$')
  })

  test('a grace period is longer than Varde drains', () => {
    for (const [name, { stop_grace_period }] of services.filter(([, { image }]) => image.startsWith('varde:')))
      expect(Number.parseInt(stop_grace_period, 10), name).toBeGreaterThan(25)
  })
})

describe('Dockerfile', () => {
  const lines = text('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const of = (word: string) => lines.filter((line) => line.startsWith(`${word} `))
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))

  test('pins its base, and both stages have the same', () => {
    const bases = of('FROM').map((line) => line.split(' ')[1] ?? '')
    expect(new Set(bases).size).toBe(1)
    for (const base of bases) expect(base).toMatch(pinned)
    const { devDependencies } = JSON.parse(readFileSync(join(docker, '..', 'package.json'), 'utf8'))
    expect(bases[0]).toContain(`node:${devDependencies.node}-`)
  })

  test('ends as a user that is not root, with a probe, and words and not a shell to start', () => {
    expect(last.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER 10001:10001')
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true)
    for (const word of ['ENTRYPOINT', 'CMD']) expect(last.find((line) => line.startsWith(word))).toMatch(/^\w+ \[/)
  })

  test('fetches nothing by itself, keeps no secret, and asks for no rights', () => {
    expect(of('ADD')).toEqual([])
    expect(lines.filter((line) => /\b(sudo|curl|wget|chmod 777)\b/.test(line))).toEqual([])
    expect(lines.filter((line) => /^(ENV|ARG) .*(PASSWORD|SECRET|TOKEN|KEY)/i.test(line))).toEqual([])
  })
})

describe('kubernetes.yaml', () => {
  const Workload = z.object({
    kind: z.literal('Deployment'),
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      template: z.object({
        spec: z.object({
          securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
          automountServiceAccountToken: z.literal(false),
          terminationGracePeriodSeconds: z.number().min(30),
          containers: z.array(
            z.object({
              image: z.string().regex(pinned),
              securityContext: z.object({
                readOnlyRootFilesystem: z.literal(true),
                allowPrivilegeEscalation: z.literal(false),
                capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
              }),
              resources: z.object({ limits: z.object({ memory: z.string() }) }),
              livenessProbe: z.object({}),
              readinessProbe: z.object({}),
            }),
          ),
        }),
      }),
    }),
  })
  const documents = parseAllDocuments(text('kubernetes.yaml')).map((document) => document.toJS())

  test('each workload is not root, read-only, probed and limited', () => {
    const workloads = documents.filter((one) => one.kind === 'Deployment')
    expect(workloads.map((one) => one.metadata.name)).toEqual([
      'varde-collect',
      'varde-ingest',
      'varde-correlate',
      'varde-api',
    ])
    for (const one of workloads) expect(Workload.safeParse(one).error?.issues).toBeUndefined()
  })

  test('its configuration is one that Varde takes', () => {
    const map = documents.find((one) => one.kind === 'ConfigMap')
    expect(read(map.data['varde.yaml'], { roles: ['ingest'] }).kafka?.replicationFactor).toBe(3)
  })
})

test('varde.yaml is a configuration that Varde takes, for each role alone', () => {
  for (const role of ['collect', 'ingest', 'correlate', 'api', 'notify'])
    expect(read(text('varde.yaml'), { roles: [role], elasticsearch: { password: 'x' } }).roles).toEqual([role])
})

test('the dashboard asks only for metrics that Varde has', () => {
  const dashboard = JSON.parse(text('grafana-dashboard.json'))
  const source = readFileSync(join(docker, '..', 'apps', 'varde', 'src', 'metrics.ts'), 'utf8')
  const known = new Set([...source.matchAll(/name: '((?:varde|process)_\w+)'/g)].map(([, name]) => name))
  for (const [, name] of source.matchAll(/counter\(\s*'(\w+)'/g)) known.add(`varde_${name}_total`)
  const asked = new Set(
    [...JSON.stringify(dashboard.panels).matchAll(/\b((?:varde|process)_\w+)/g)].map(([, name]) => name),
  )
  expect(asked.size).toBeGreaterThan(15)
  expect([...asked].filter((name) => !known.has(name))).toEqual([])
})

function read(content: string, override: Record<string, unknown>) {
  const folder = mkdtempSync(join(tmpdir(), 'varde-docker-'))
  try {
    const file = join(folder, 'varde.yaml')
    writeFileSync(file, content)
    return loadConfig({ file, override })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

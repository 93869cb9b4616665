import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createSandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase } from '../support/database.js';
import { call, createTenant, eventually } from '../support/gateway.js';
import { spawnGateway } from '../support/gateway-process.js';

interface LockedPackage {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly version?: string;
}

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Readonly<Record<string, LockedPackage>>;
};

describe('S10: what the product is made of', () => {
  it('each package is locked to its content, and to no registry', () => {
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(200);
    const loose = packages.filter(
      ([, { link, integrity }]) => link !== true && !integrity?.startsWith('sha512-'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  // Without development packages npm leaves out those of ours that they need as well.
  it('its bill of materials names every package that it runs with', () => {
    const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { components } = JSON.parse(text) as {
      components: { name: string; version: string; purl: string }[];
    };
    const named = new Set(components.map(({ purl }) => decodeURIComponent(purl)));
    const { dependencies } = JSON.parse(read('package.json')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    const missing = Object.keys(dependencies).filter(
      (name) => !named.has(`pkg:npm/${name}@${lock.packages[`node_modules/${name}`]?.version}`),
    );
    expect(missing).toEqual([]);
  });

  it('its image runs as nobody in particular, on a root file system that cannot be written', () => {
    const stages = read('Dockerfile').split(/^FROM /m);
    expect(stages.at(-1)).toMatch(/^USER node$/m);
    const compose = read('docker-compose.yml');
    expect(compose).toMatch(/^ {2}read_only: true$/m);
    expect(compose).toMatch(/^ {2}cap_drop: \[ALL\]$/m);
    // Each service of ours takes those settings.
    const services = [
      ...compose.matchAll(/^ {2}(migrate|api|worker|sandbox):\n {4}<<: \*gateway$/gm),
    ];
    expect(services.map(([, name]) => name)).toEqual(['migrate', 'api', 'worker', 'sandbox']);
  });
});

/** Mounts need root, and Linux. */
const itWithMounts = process.platform === 'linux' && process.getuid?.() === 0 ? it : it.skip;

/** Everything mounted again where nothing can be written, and then another user without any capability. */
const readOnlyAsNobody = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount --rbind / /mnt && mount -o remount,ro,bind /mnt &&
   exec chroot /mnt setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --no-new-privs "$@"`,
  'sh',
];

describe('S10: the gateway itself', () => {
  itWithMounts(
    'delivers as nobody in particular on a file system that cannot be written',
    async () => {
      const database = await createTestDatabase();
      const sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
      try {
        const gateway = await spawnGateway({
          database,
          providerUrl: sandbox.url,
          launcher: readOnlyAsNobody,
        });
        try {
          const tenant = await createTenant(gateway);
          const { id } = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
            token: tenant.apiKey,
            body: { recipient: '+380671234567', text: 'Hello' },
            expect: 202,
          });
          await eventually(async () => {
            const { status } = await call<{ status: string }>(
              gateway,
              'GET',
              `/v1/messages/${id}`,
              {
                token: tenant.apiKey,
              },
            );
            return status === 'delivered';
          });
        } finally {
          await gateway.end('SIGTERM');
        }
      } finally {
        await sandbox.close();
        await database.drop();
      }
    },
  );
});

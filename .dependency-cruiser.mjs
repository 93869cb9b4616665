import { readdirSync } from 'node:fs';

const source = 'apps/gateway/src';
/** The names in package.json's "imports". */
const library = ['^libs/viber/src/index\\.ts$', '^libs/viber/src/content/index\\.ts$'];

/** Features that may use the whole of `#viber`; the others know its pure tables, `#viber/content`. */
const callersOfTheProvider = ['accounts', 'lanes', 'receipts', 'drift', 'dropin'];

/** A feature may import features of the rows above its own, never of its own row or below. */
const floors = [
  ['platform'],
  ['tenants'],
  ['timeline', 'drift', 'recipients'],
  ['accounts'],
  ['queue', 'suppressions'],
  ['messages'],
  ['lanes', 'receipts', 'events', 'reconciliation', 'webhooks', 'dropin', 'installation'],
  ['admin', 'health', 'conversations'],
];

const known = new Set(floors.flat());
const homeless = readdirSync(new URL(source, import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !known.has(entry.name))
  .map(({ name }) => name);
if (homeless.length > 0) {
  throw new Error(`Give these features a floor in .dependency-cruiser.mjs: ${homeless.join(', ')}`);
}

const upwards = floors.flatMap((floor, level) =>
  floor.map((feature) => {
    const others = floors
      .slice(level)
      .flat()
      .filter((other) => other !== feature);
    return {
      name: `floor-of-${feature}`,
      comment: `${feature} may not know ${others.join(', ')}: a lower floor tells a higher one through the outbox.`,
      severity: 'error',
      from: { path: `^${source}/${feature}/` },
      to: { path: `^${source}/((${others.join('|') || '$'})/|[^/]+\\.ts$)` },
    };
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'An event or a smaller port is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...upwards,
    {
      name: 'only-the-index-of-a-feature',
      comment: 'What a feature offers stands in its index.ts.',
      severity: 'error',
      from: { path: `^${source}/([^/]+)/`, pathNot: `^${source}/platform/` },
      to: {
        path: `^${source}/(platform/[^/]+|[^/]+)/.+`,
        pathNot: [`^${source}/$1/`, `^${source}/(platform/)?[^/]+/index\\.ts$`],
      },
    },
    {
      name: 'only-the-index-of-a-part-of-platform',
      comment: 'What a part of platform offers stands in its index.ts.',
      severity: 'error',
      from: { path: `^${source}/platform/([^/]+)/` },
      to: {
        path: `^${source}/platform/[^/]+/.+`,
        pathNot: [`^${source}/platform/$1/`, `^${source}/platform/[^/]+/index\\.ts$`],
      },
    },
    {
      name: 'only-index-or-module-from-the-top',
      comment: 'The entries put features together; they do not reach into them.',
      severity: 'error',
      from: { path: `^${source}/[^/]+\\.ts$` },
      to: {
        path: `^${source}/[^/]+/.+`,
        pathNot: [
          `^${source}/(platform/)?[^/]+/index\\.ts$`,
          `^${source}/(platform/)?[^/]+/[^/]+\\.module\\.ts$`,
        ],
      },
    },
    {
      name: 'library-knows-no-application',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'sandbox-knows-the-wire-alone',
      comment:
        'The twin stands for the provider: it may share nothing with the gateway but #viber.',
      severity: 'error',
      from: { path: '^apps/sandbox/' },
      to: { path: '^(apps/gateway|libs)/', pathNot: library },
    },
    {
      name: 'library-by-its-name',
      comment: 'Import #viber, not a path into it.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: library },
    },
    {
      name: 'few-call-the-provider',
      comment:
        'The client and the wire are for who calls the provider or hears from it; tables: #viber/content.',
      severity: 'error',
      from: {
        path: `^${source}/`,
        pathNot: [
          `^${source}/(${callersOfTheProvider.join('|')})/`,
          `^${source}/gateway\\.module\\.ts$`,
        ],
      },
      to: { path: '^libs/viber/src/index\\.ts$' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.(spec|fixture)\\.ts$|/testing/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};

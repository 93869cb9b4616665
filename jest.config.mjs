const shared = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
          },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
};

/** The short tiers of the runs that keep a machine busy, when all else is done; the steady ones are among the other tests. */
const raid = [
  '<rootDir>/test/chaos/quick-runs.chaos.spec.ts',
  '<rootDir>/test/chaos/patient-runs.chaos.spec.ts',
];

/** And after these the short tiers of those that want a machine for themselves. */
const duel = [
  '<rootDir>/test/chaos/paced-runs.chaos.spec.ts',
  '<rootDir>/test/chaos/lone-runs.chaos.spec.ts',
];

/** Several real processes under load at once: `npm run test:chaos`, on a machine that has nothing else to do. */
const siege = [
  '<rootDir>/test/chaos/runbooks/runbooks.chaos.spec.ts',
  '<rootDir>/test/chaos/judge/planted-gateways.spec.ts',
];

/** Bounds a test that hangs, and no busy machine: what must be quick says so in its own assertions. */
const testTimeout = 60_000;

/** @type {import('jest').Config} */
export default {
  testTimeout,
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // Jest keeps the modules of every file that a worker has run, some 20 MB each: after a hundred of them collecting garbage
  // takes longer than loading them anew.
  workerIdleMemoryLimit: '500MB',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/apps/**/*.spec.ts',
        '<rootDir>/libs/**/*.spec.ts',
        '<rootDir>/tools/**/*.spec.ts',
      ],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/test/integration/**/*.spec.ts',
        '<rootDir>/test/migrations/**/*.spec.ts',
        '<rootDir>/test/mutants/**/*.spec.ts',
        '<rootDir>/test/walls/**/*.spec.ts',
      ],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'chaos',
      testMatch: ['<rootDir>/test/chaos/**/*.spec.ts'],
      testPathIgnorePatterns: [...raid, ...duel, ...siege],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'raid',
      testMatch: raid,
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'duel',
      testMatch: duel,
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'siege',
      testMatch: siege,
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
};

import { SandboxConfig, variableFor } from './sandbox.config.js';

/** Kubernetes and Docker links set these for a service that is called `sandbox`. */
const serviceLinks = /^SANDBOX_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$/;

/** One sentence for each SANDBOX_ variable that is not read: most are misspelt. */
export function warnOfUnknown(env: NodeJS.ProcessEnv): string[] {
  const known = new Set(Object.keys(new SandboxConfig()).map(variableFor));
  return Object.keys(env)
    .filter((name) => name.startsWith('SANDBOX_') && !known.has(name) && !serviceLinks.test(name))
    .sort()
    .map((name) => `${name} is not read: docs/sandbox.md lists the variables there are.`);
}

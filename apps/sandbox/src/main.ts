import { JournalBroken } from './journal.js';
import { createSandbox } from './sandbox.js';
import { InvalidSandboxConfig, sandboxConfigFromEnvironment } from './sandbox.config.js';
import { warnOfUnknown } from './unknown-variables.js';

for (const warning of warnOfUnknown(process.env)) console.error(warning);
try {
  const config = sandboxConfigFromEnvironment(process.env);
  const sandbox = await createSandbox(config);
  console.log(`The sandbox listens at ${sandbox.url}, seed ${config.seed}.`);
  // Whatever it decided from here on could not be proved: no answer is better than one without its line.
  void sandbox.journal.broken.then(fail);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close().then(() => process.exit(0), fail));
  }
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  console.error(whyNot(error));
  process.exit(1);
}

function whyNot(error: unknown): unknown {
  if (error instanceof InvalidSandboxConfig || error instanceof JournalBroken) return error.message;
  const { code, syscall, path, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Set SANDBOX_PORT to another one.`;
  if (syscall === 'open') return `SANDBOX_JOURNAL_FILE ${path} cannot be opened (${code}).`;
  return error;
}

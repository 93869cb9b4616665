import { join } from 'node:path';
import ts from 'typescript';

/**
 * Checks the types of the gateway again and again, in the time that one changed file takes: a build would take a dozen
 * times as long.
 *
 * @param {string} directory of a checkout
 * @returns {() => string | null} checks, and gives the compiler's complaint, null where it has none
 */
export function typeChecker(directory) {
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile(
    join(directory, 'apps/gateway/tsconfig.app.json'),
    // What a bug leaves unused is no error of its own.
    { noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: complain },
  );
  const host = ts.createIncrementalCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const packages = new Map();
  host.getSourceFile = (name, ...how) => {
    if (!name.includes('/node_modules/')) return read(name, ...how);
    if (!packages.has(name)) packages.set(name, read(name, ...how));
    return packages.get(name);
  };
  let program;
  return () => {
    program = ts.createSemanticDiagnosticsBuilderProgram(fileNames, options, host, program);
    const [first] = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
    return first ? ts.flattenDiagnosticMessageText(first.messageText, ' ') : null;
  };
}

function complain({ messageText }) {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
}

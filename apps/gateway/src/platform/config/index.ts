export { apiKeyForm } from './api-key-form.js';
export {
  Configuration,
  ConfigurationError,
  type ConfigurationValues,
  type Environment,
  type LogLevel,
  type MasterKey,
  type Role,
} from './configuration.js';
export { ConfigurationModule } from './configuration.module.js';
export { describeConfiguration } from './describe-configuration.js';
export { withDevelopmentSecrets } from './development-secrets.js';
export { loadConfiguration, type LoadedConfiguration } from './load-configuration.js';
export { readConfiguration } from './read-configuration.js';
export {
  configurationTopics,
  configurationVariables,
  type ConfigurationVariable,
} from './variables.js';

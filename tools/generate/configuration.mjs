import { cell, loadBuilt, notice } from './load.mjs';

async function topics() {
  const { configurationTopics, configurationVariables } = await loadBuilt(
    'platform/config/index.js',
  );
  return configurationTopics.map((topic) => ({
    topic,
    variables: configurationVariables.filter((variable) => variable.topic === topic),
  }));
}

export async function configurationPage() {
  const sections = (await topics()).flatMap(({ topic, variables }) => [
    `## ${topic}`,
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...variables.map(
      (variable) =>
        `| \`${variable.name}\` | ${defaultOf(variable)} | ${cell(meaningOf(variable))} |`,
    ),
    '',
  ]);
  return [
    '# Configuration',
    '',
    `<!-- ${notice} -->`,
    '',
    'The gateway is configured by environment variables alone. They are read once, at the start: a value',
    'that is wrong or missing stops it with a sentence that names the variable, and one that looks like a',
    'misspelt name of ours is warned of. Every secret may also be given as a file, by the same name with',
    '`_FILE` behind it. Outside of tests a file `.env` in the working directory is read too; the',
    'environment wins over it.',
    '',
    ...sections,
  ].join('\n');
}

/** Every variable with its default, commented out, to be copied to `.env`. */
export async function environmentExample() {
  const sections = (await topics()).flatMap(({ topic, variables }) => [
    `# --- ${topic} ---`,
    '',
    ...variables.flatMap((variable) => [
      ...wrap(plain(meaningOf(variable))).map((line) => `# ${line}`),
      `#${variable.name}=${variable.secret ? '' : (variable.default ?? '')}`,
      '',
    ]),
  ]);
  return [`# ${plain(notice)}`, '# Copy to .env and take the # away where a value is wanted.', '']
    .concat(sections)
    .join('\n');
}

function defaultOf(variable) {
  const { default: value, defaultIn = {}, defaultMeaning } = variable;
  if (defaultMeaning !== undefined) return cell(defaultMeaning);
  const usual = value === null ? 'none' : `\`${value}\``;
  const exceptions = Object.entries(defaultIn).map(([name, other]) => `\`${other}\` in ${name}`);
  return [usual, ...exceptions].join(', ');
}

function meaningOf({ meaning, unit, minimum, maximum, choices, secret, ...variable }) {
  const notes = [];
  if (unit !== undefined) notes.push(`In ${unit}.`);
  if (minimum !== undefined) notes.push(`${minimum} to ${maximum}.`);
  if (choices !== undefined) notes.push(`One of ${choices.map((one) => `\`${one}\``).join(', ')}.`);
  if (secret) notes.push('Secret.');
  if (variable.requiredInProduction) notes.push('Required in production.');
  if (variable.refusedInProduction) notes.push('Refused in production.');
  return [meaning, ...notes].join(' ');
}

function plain(text) {
  return text.replaceAll('`', '');
}

function wrap(text, width = 98) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

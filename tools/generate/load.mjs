/** A module of the built gateway. @param {string} path below its src, such as 'main.js' */
export function loadBuilt(path) {
  return import(new URL(`../../dist/apps/gateway/src/${path}`, import.meta.url).href);
}

export const notice =
  'Made by `npm run generate`; `npm run check` fails when it differs from the code.';

/** One cell of a Markdown table. */
export function cell(text) {
  return String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

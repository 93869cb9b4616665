/** The line of one endpoint, as the tables name it. */
export interface LineKey {
  readonly tenant_id: string;
  readonly endpoint_id: string;
}

/** As parameters of a statement: tenants, endpoints. */
export function lineColumns(lines: readonly LineKey[]): [string[], string[]] {
  return [lines.map(({ tenant_id }) => tenant_id), lines.map(({ endpoint_id }) => endpoint_id)];
}

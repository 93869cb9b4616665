/** One reading of /metrics: the value of each sample by its name with its labels, as Prometheus writes them. */
export async function readMetrics(gateway: { readonly url: string }): Promise<Map<string, number>> {
  const response = await fetch(`${gateway.url}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const samples = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    samples.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return samples;
}

export function connectionUrl(parts: {
  port: number;
  user: string;
  password: string;
  database: string;
}): string {
  const { port, user, password, database } = parts;
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

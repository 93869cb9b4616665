/** What `npm start` prints when all runs. The commands work when pasted. */
export function welcome({ baseUrl, apiKey, isNew, record, provider, isSandbox, embedded }) {
  const authorization = `-H 'Authorization: Bearer ${apiKey}'`;
  // The sender tells the account, when the tenant has several one day.
  const body = JSON.stringify({
    sender: 'Tyrian Demo',
    recipient: '+380501234567',
    text: 'Hello from Tyrian',
  });
  return `
Tyrian is ready.

  API          ${baseUrl}
  Reference    ${baseUrl}/docs
  Provider     ${provider}${isSandbox ? " (the provider's twin: nothing leaves this machine)" : ''}
  Database     ${embedded ? `embedded PostgreSQL in ${embedded}` : 'the one in DATABASE_URL'}
  Demo tenant  ${isNew ? 'made' : 'kept from an earlier start'}, with an account and an API key: ${record}

Send a message:

curl -sS ${baseUrl}/v1/messages ${authorization} -H 'Content-Type: application/json' -d '${body}'

See what became of the latest one, and how:

MESSAGE=$(curl -sS '${baseUrl}/v1/messages?limit=1' ${authorization} | grep -o 'msg_[0-9a-z]*' | head -n 1); curl -sS ${baseUrl}/v1/messages/$MESSAGE ${baseUrl}/v1/messages/$MESSAGE/timeline ${authorization}

See a signed webhook arrive, in a second terminal:

npm run -s webhook-receiver -- --once

See every fate a message can meet, with npm run demo in a second terminal. Ctrl-C stops everything.
`;
}

import type { SendingAccount } from '../accounts/index.js';
import { readId } from '../platform/ids/index.js';
import { AccountUnknown } from '../tenants/index.js';
import { AccountRequired, SenderNotAllowed, SenderRequired } from './messages.errors.js';

interface AskedAccount {
  readonly account_id?: string | null;
  readonly sender?: string | null;
}

/**
 * The account that a message goes over: the named one, else the only one, else the only one whose senders hold
 * the sender.
 * @param accounts those that the caller may use
 * @throws AccountUnknown, AccountRequired
 */
export function chooseAccount(
  asked: AskedAccount,
  accounts: readonly SendingAccount[],
  pointerTo: (field: string) => string,
): SendingAccount {
  if (asked.account_id != null) {
    const id = readId('acc', asked.account_id);
    const named = accounts.find((account) => account.id === id);
    if (!named) throw new AccountUnknown(pointerTo('account_id'));
    return named;
  }
  if (accounts.length === 1) return accounts[0]!;
  if (accounts.length === 0) {
    throw new AccountRequired(pointerTo('account_id'), 'There is no account to send over yet.');
  }
  const { sender } = asked;
  const fitting =
    sender == null ? [] : accounts.filter((account) => account.senders.includes(sender));
  if (fitting.length === 1) return fitting[0]!;
  throw new AccountRequired(
    pointerTo('account_id'),
    'There are several accounts: name one, or a sender that only one of them holds.',
  );
}

/** @throws SenderRequired, SenderNotAllowed */
export function chooseSender(
  asked: AskedAccount,
  account: SendingAccount,
  pointerTo: (field: string) => string,
): string {
  const sender = asked.sender ?? account.defaultSender;
  if (sender === null) throw new SenderRequired(pointerTo('sender'));
  if (account.senders.length > 0 && !account.senders.includes(sender)) {
    throw new SenderNotAllowed(pointerTo('sender'));
  }
  return sender;
}

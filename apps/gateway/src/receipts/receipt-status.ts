/** What a receipt tells of a message's two parts. */
export interface ReceiptStatus {
  readonly status: number;
  readonly sms: number | null;
}

/**
 * The statuses of a callback as one text, `4` or `4/2`: receipts are counted by it, and the end of an SMS is news though
 * the status of the message itself is the same.
 */
export function writeReceiptStatus(status: number, sms: number | null): string {
  return sms === null ? String(status) : `${status}/${sms}`;
}

export function readReceiptStatus(text: string): ReceiptStatus {
  const [status, sms] = text.split('/');
  return { status: Number(status), sms: sms === undefined ? null : Number(sms) };
}

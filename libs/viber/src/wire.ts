/**
 * What goes over the wire to and from the provider, field by field, under the provider's own names.
 * Ids may be wider than 2^53: whoever reads them keeps them as text.
 */

/** Path of the call that sends one message, below the base URL. */
export const sendPath = '/v1/api/send-viber';

/** Path of the call that asks for one message's status, below the base URL. */
export const statusPath = '/v1/api/receive-viber';

/** 1 promotional, 2 transactional. */
export type WireSourceType = 1 | 2;

/** Body of `POST /v1/api/send-viber`. */
export interface WireSendRequest {
  /** The sender that the recipient sees, 1 to 20 characters. */
  source_addr: string;
  /** Digits with the country code, without `+`, at most 20. */
  destination_addr: string;
  /** A number from the table of message types; see `content`. */
  message_type: number;
  /** 1 to 1,000 characters. */
  text?: string;
  /** URL of a jpg, jpeg or png of at most 400x400 pixels. */
  image?: string;
  /** 1 to 30 characters. */
  button_caption?: string;
  /** URL that the button opens. */
  button_action?: string;
  /** URL of a file, for message type 222. */
  file_url?: string;
  source_type: WireSourceType;
  /** Where the provider reports statuses to. */
  callback_url?: string;
  /** Seconds, 40 to 21,600, from the provider's acceptance. Left out, the provider tries for a day. */
  validity_period?: number;
  /** Text of the SMS that the provider sends where Viber fails; transactional messages only. */
  text_sms?: string;
  /** Comes back with replies to two-way messages. Not documented for sending. */
  tracking_data?: string;
}

/** Answer to a send that was accepted. */
export interface WireSendAnswer {
  message_id: number | string;
}

/** Body of `POST /v1/api/receive-viber`. */
export interface WireStatusRequest {
  message_id: number | string;
}

/** Answer to a status request. */
export interface WireStatusAnswer {
  message_id: number | string;
  status: number;
  /** Only where the message had `text_sms`. */
  sms_message_id?: number | string;
  /** 2 delivered, 3 expired, 5 undeliverable. */
  sms_message_status?: number;
}

/** Any documented error, under HTTP 200 as well as under its own status. */
export interface WireErrorBody {
  name: string;
  message: string;
  /** 0 rate limit, 1 invalid parameter, 2 internal error, 3 empty balance. 0 is a code like any other. */
  code: number;
  /** The HTTP status that the error stands for, whatever the real one is. */
  status: number;
}

/** What the provider posts to `callback_url`. Its form is not documented: this is that of a status answer. */
export interface WireStatusCallback {
  message_id: number | string;
  status: number;
  sms_message_id?: number | string;
  sms_message_status?: number;
}

/** What the provider posts when a recipient replies to a two-way message. */
export interface WireInboundCallback {
  /** 64 bits wide. */
  message_token: number | string;
  phone_number: string;
  /** Unit not documented: ten digits are seconds, thirteen milliseconds. */
  time: number;
  message: {
    text?: string;
    /** Such as `tracking_id:100035`; names the last message on the phone, not surely the one replied to. */
    tracking_data?: string;
  };
}

/** What a message can carry, in the words of those who send it. */
export type ContentPart = 'text' | 'image_url' | 'button' | 'file_url';

/** What the provider charges for, and what it lets a message carry. */
export type MessageCategory = 'promotional' | 'transactional';

/** One line of the table of message types. */
export interface MessageType {
  /** The wire's `message_type`. */
  readonly type: number;
  readonly name: string;
  /** Parts that must be there. */
  readonly needs: readonly ContentPart[];
  /** Parts that may be there besides. */
  readonly allows: readonly ContentPart[];
  /** Whether the recipient can reply. */
  readonly twoWay: boolean;
  readonly categories: readonly MessageCategory[];
  /** Whether it follows from the content; otherwise it must be asked for by its number. */
  readonly chosen: 'by content' | 'by number';
}

/**
 * Every message type that the provider is known to take. The list has grown before and will again:
 * a new type is one more line. Among several lines that fit a content the first one is taken.
 */
export const messageTypes: readonly MessageType[] = [
  {
    type: 106,
    name: 'text',
    needs: ['text'],
    allows: [],
    twoWay: false,
    categories: ['promotional', 'transactional'],
    chosen: 'by content',
  },
  {
    type: 108,
    name: 'text, image and button',
    needs: ['text', 'image_url', 'button'],
    allows: [],
    twoWay: false,
    categories: ['promotional'],
    chosen: 'by content',
  },
  {
    type: 206,
    name: 'two-way text',
    needs: ['text'],
    allows: [],
    twoWay: true,
    categories: ['promotional', 'transactional'],
    chosen: 'by content',
  },
  {
    type: 208,
    name: 'two-way text, image and button',
    needs: ['text', 'image_url', 'button'],
    allows: [],
    twoWay: true,
    categories: ['promotional'],
    chosen: 'by content',
  },
  {
    type: 222,
    name: 'file',
    needs: ['file_url'],
    allows: ['text'],
    twoWay: false,
    categories: ['promotional'],
    chosen: 'by content',
  },
  {
    type: 225,
    name: 'promotional text',
    needs: ['text'],
    allows: [],
    twoWay: false,
    categories: ['promotional'],
    chosen: 'by number',
  },
  {
    type: 301,
    name: 'template text',
    needs: ['text'],
    allows: [],
    twoWay: false,
    categories: ['transactional'],
    chosen: 'by number',
  },
  {
    type: 304,
    name: 'template text',
    needs: ['text'],
    allows: [],
    twoWay: false,
    categories: ['transactional'],
    chosen: 'by number',
  },
];

/** The wire's `source_type` of each category. */
export const sourceTypes: Readonly<Record<MessageCategory, 1 | 2>> = {
  promotional: 1,
  transactional: 2,
};

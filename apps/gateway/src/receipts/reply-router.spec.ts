import { describe, expect, it } from '@jest/globals';
import { trackedIn } from './reply-router.js';

const ours = '01890a5d-ac96-774b-bcce-b302099a8057';
const nothing = { messageId: null, providerMessageId: null };

describe('tracking data', () => {
  it.each([
    ['tracking_id:msg_01h455vb4pex5vsknk084sn02q', { messageId: ours, providerMessageId: null }],
    ['msg_01h455vb4pex5vsknk084sn02q', { messageId: ours, providerMessageId: null }],
    ['tracking_id:100035', { messageId: null, providerMessageId: '100035' }],
    ['tracking_id: 100035', { messageId: null, providerMessageId: '100035' }],
    ['100035', { messageId: null, providerMessageId: '100035' }],
    ['two words', nothing],
    ['', nothing],
    [null, nothing],
  ])('%j names %j', (data, tracked) => {
    expect(trackedIn(data)).toEqual(tracked);
  });
});

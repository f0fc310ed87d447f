import { describe, expect, it } from 'vitest';
import { withoutInheritedIds } from '../../../src/room/videosdk/signalling-filter.js';

const filtered = (packet: string, json: unknown) => withoutInheritedIds(packet + JSON.stringify(json));

describe('what signalling may tell the SDK', () => {
  it.each([
    ['42', ['notification', { method: 'newPeer', id: 'toString', displayName: 'X' }]],
    ['42', ['notification', { method: 'activeSpeaker', peerId: 'valueOf' }]],
    ['42', ['notification', { method: 'participantMediaStateChanged', peerId: 'toString', newState: true }]],
    ['4217', ['newConsumer', { peerId: 'toString', id: 'c1', kind: 'audio' }]],
    ['42/room,3', ['newConsumer', { peerId: 'hasOwnProperty', id: 'c1' }]],
  ])('%s%j is kept from it', (packet, json) => {
    const { text, leftOut } = filtered(packet, json);
    expect(text).toBeUndefined();
    expect(leftOut).toHaveLength(1);
  });

  it('somebody in a list of participants is left out of it, and the others stay', () => {
    const peers = [{ id: 'ana' }, { id: 'toString' }, { id: 'bob', metaData: { id: 'toString' } }];
    expect(
      filtered('430', [{ data: { peers, order: ['ana', 'toString'], toString: { level: 1 } } }]),
    ).toEqual({
      text: '430[{"data":{"peers":[{"id":"ana"},{"id":"bob","metaData":{"id":"toString"}}],"order":["ana"]}}]',
      leftOut: ['toString', 'toString', 'toString'],
    });
  });

  it('an escape hides nothing', () => {
    const text = '42["notification",{"method":"newPeer","id":"\\u0074oString"}]';
    expect(withoutInheritedIds(text)).toEqual({ text: undefined, leftOut: ['toString'] });
  });

  it.each([
    '2probe',
    '40{"sid":"x"}',
    '42["notification",{"method":"newPeer","id":"ana","displayName":"toString"}]',
    '42["notification",{"method":"chat","text":"say \\u00e9"}]',
    '42["toString',
    '',
  ])('%s passes as it is', (text) => {
    expect(withoutInheritedIds(text)).toEqual({ text, leftOut: [] });
  });
});

import { expect, it } from 'vitest';
import { markup } from '../../../src/replay/report/html.js';

it('escapes what others wrote, for text and for attributes', () => {
  expect(markup`<b title="${'"><script>'}">${"Ana & 'Ben'"}</b>`.markup).toBe(
    '<b title="&quot;&gt;&lt;script&gt;">Ana &amp; &#39;Ben&#39;</b>',
  );
});

it('shows a name as it is written: nothing in it turns itself or its neighbours around', () => {
  expect(markup`${'a\u202eevil\u202c b\u2067c\u2069'}`.markup).toBe('a evil  b c ');
  expect(markup`${'\u200f\u05d0!\u200e'}`.markup).toBe('\u200f\u05d0!\u200e'); // marks belong to what is written from the right
  expect(markup`${'\u001b[31m\u0000'}`.markup).toBe(' [31m ');
});

/** Server-sent events out of a response's body. */

/** One event. */
export type ServerSentEvent = { readonly type: string; readonly data: string; readonly id?: string };

/** Events as they come; what is cut off at the end is left out. */
export async function* readServerSentEvents(
  body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(block: string): ServerSentEvent | undefined {
  let type = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
    if (field === 'event') type = value!;
    else if (field === 'data') data.push(value!);
    else if (field === 'id') id = value;
  }
  if (data.length === 0) return undefined;
  return { type, data: data.join('\n'), ...(id === undefined ? {} : { id }) };
}

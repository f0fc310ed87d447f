/** Rooms, as the API shows them. */
import { request } from './client.js';

type Room = { readonly roomId: string; readonly customRoomId?: string; readonly page?: string };

/** A room to try it: what it is invited to, and the room's own page where there is one. Throws ApiProblem. */
export async function makeRoom(): Promise<{ meetingId: string; page: string | undefined }> {
  const room = await request<Room>('POST', '/v1/rooms', { body: {} });
  return { meetingId: room.customRoomId ?? room.roomId, page: pageIn(room) };
}

/** The page of a meeting in the embedded room. Throws ApiProblem, also where there is no such room. */
export async function embeddedRoomPage(meetingId: string): Promise<string | undefined> {
  const path = `/v1/rooms/${encodeURIComponent(meetingId)}`;
  return pageIn(await request<Room>('GET', path, { query: { place: 'embedded' } }));
}

/** An address that a link may lead to. */
function pageIn({ page }: Room): string | undefined {
  return page !== undefined && /^https?:\/\//i.test(page) ? page : undefined;
}

/** Somebody in the meeting who sends captions, true or forged: the real SDK in a page of its own. */
import type { Browser } from 'playwright-core';
import { captionsTopic } from '../../src/captions/topics.js';
import type { RoomServer } from '../../src/embedded/room-server/index.js';
import { createAccessToken } from '../../src/room/videosdk/tokens.js';

/** What of the page's SDK is used here. */
type PageSdk = {
  config(token: string): void;
  initMeeting(options: object): {
    on(event: string, listener: () => void): void;
    join(): Promise<void>;
    leave(): Promise<void>;
    pubSub: {
      publish(topic: string, message: string, options: object, payload: object): Promise<void>;
      subscribe(topic: string, listeners: object, options: object): Promise<void>;
    };
  };
};
type Heard = { senderId: string; payload: unknown };
type SenderWindow = Window & {
  VideoSDK: PageSdk;
  sender: ReturnType<PageSdk['initMeeting']>;
  heard?: Heard[];
};

export type Sender = {
  /**
   * Sends a caption to the readers of a language, for the meeting to keep or not; what is left out is a final
   * Spanish-English one of Ana.
   */
  caption(caption: object, readersLanguage?: string, persist?: boolean): Promise<void>;
  /** What came on a topic since the first call. */
  heardOn(topic: string): Promise<readonly Heard[]>;
  leave(): Promise<void>;
};

/** Joins under `participantId`, by default with a token that names this id, as an interpreter's does. */
export async function joinAsSender(
  browser: Browser,
  server: RoomServer,
  roomId: string,
  options: { participantId: string; name: string; token?: string; speaks?: boolean; metaData?: object },
): Promise<Sender> {
  const { participantId, name } = options;
  const { apiKey, secret } = server;
  const token =
    options.token ?? createAccessToken({ apiKey, secret, roomId, participantId, expiresInSeconds: 600 });
  const page = await (
    await browser.newContext({ permissions: ['microphone'], reducedMotion: 'reduce' })
  ).newPage();
  await page.goto(`${server.origin}/${roomId}`);
  await page.evaluate(
    ([meetingId, id, displayName, accessToken, signalingBaseUrl, micEnabled, metaData]) =>
      new Promise<void>((resolve, reject) => {
        const own = window as unknown as SenderWindow;
        own.VideoSDK.config(accessToken);
        own.sender = own.VideoSDK.initMeeting({
          meetingId,
          participantId: id,
          name: displayName,
          micEnabled,
          webcamEnabled: false,
          signalingBaseUrl,
          metaData,
        });
        own.sender.on('meeting-joined', resolve);
        own.sender.join().catch(reject);
      }),
    [
      roomId,
      participantId,
      name,
      token,
      server.signalingBaseUrl,
      options.speaks === true,
      options.metaData ?? {},
    ] as const,
  );
  return {
    caption: (caption, readersLanguage = 'es', persist = false) =>
      page.evaluate(
        ([topic, keeps, payload]) =>
          (window as unknown as SenderWindow).sender.pubSub.publish(topic, '', { persist: keeps }, payload),
        [
          captionsTopic(readersLanguage),
          persist,
          {
            v: 2,
            kind: 'speech',
            segmentId: 'turn-1',
            turnId: 'turn-1',
            part: 0,
            original: true,
            speakerId: 'ana',
            speakerName: 'Ana',
            sourceLanguage: 'es',
            targetLanguage: 'en',
            sourceText: '',
            translatedText: '',
            final: true,
            startMs: 0,
            endMs: 1_000,
            ...caption,
          },
        ] as const,
      ),
    heardOn: (topic) =>
      page.evaluate(async (name) => {
        const own = window as unknown as SenderWindow;
        if (own.heard !== undefined) return own.heard;
        const heard: Heard[] = (own.heard = []);
        const onMessageReceived = ({ senderId, payload }: Heard) => heard.push({ senderId, payload });
        await own.sender.pubSub.subscribe(name, { onMessageReceived }, { oldMessageLimit: 0 });
        return heard;
      }, topic),
    leave: () => page.close(),
  };
}

/** How a meeting is spoken to, by the settings, and the participants that its further voices are. */
import { ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { channelMetadata, channelName, type OpenChannel } from '../../meeting/speaking/channel-rooms.js';
import type { SpeakingOptions } from '../../meeting/meeting-options.js';
import { createAccessToken, type VideoSdkCredentials } from '../../room/videosdk/tokens.js';
import { readClaims } from '../../room/videosdk/token-claims.js';
import { createVideoSdkRoom } from '../../room/videosdk/index.js';
import type { Config } from '../../settings.js';
import { speakingSettingsOf } from './conversation-options.js';
import { addressOf, type MeetingLocation } from '../embedded/meeting-location.js';
import { newBotId } from '../commands/token.js';

/** Where further voices join, and as whom. */
export type ChannelLocation = {
  /** How the interpreter is called; its voices are "Parley · Español" after it. */
  name: string;
  meetingId: string;
  place: MeetingLocation;
  log: Logger;
  /** How long their tokens last. */
  expiresInSeconds: number;
};

/** Throws ParleyError `usage` for languages that are none, and `key_refused` where voices are wanted that cannot join. */
export function speakingOf(config: Config, channels: ChannelLocation): SpeakingOptions {
  const tokenFor = channelTokens(channels);
  if (config.voices === 'per-language' && tokenFor === undefined)
    throw new ParleyError(
      'key_refused',
      '--voices per-language: this token is for one participant; set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY',
    );
  return {
    ...speakingSettingsOf(config),
    ...(tokenFor === undefined ? {} : { openChannel: openChannelWith(channels, tokenFor) }),
  };
}

/** Makes tokens for further participants; undefined where there are none: a given token may name its one participant. */
function channelTokens({
  meetingId,
  place,
  expiresInSeconds,
}: ChannelLocation): ((participantId: string) => string) | undefined {
  const credentials: VideoSdkCredentials = place.credentials;
  if (credentials.kind === 'keys')
    return (participantId) =>
      createAccessToken({ ...credentials, roomId: meetingId, participantId, expiresInSeconds });
  const { token } = credentials;
  return readClaims(token)?.participantId === undefined ? () => token : undefined;
}

function openChannelWith(
  channels: ChannelLocation,
  tokenFor: (participantId: string) => string,
): OpenChannel {
  const { name, meetingId, place, log } = channels;
  return (language) => {
    const participantId = newBotId();
    return createVideoSdkRoom({
      meetingId,
      token: tokenFor(participantId),
      name: channelName(name, language),
      participantId,
      metadata: channelMetadata(language),
      hears: 'nobody',
      log,
      ...addressOf(place),
    });
  };
}

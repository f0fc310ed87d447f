/** The port to what was said and noted in meetings that are over. Adapters: folders of records, and the service's database. */

/** Something that was said or noted. Texts and names are untrusted. */
export type PastHit = {
  readonly meetingId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly in: 'transcripts' | 'notes';
  readonly text: string;
};

/** Meetings of one workspace, or of one installation. */
export interface PastMeetings {
  /** What fits best, the best first. Rejects with an Error whose message may be told to whoever asked. */
  search(query: { text: string; limit: number }, signal: AbortSignal): Promise<readonly PastHit[]>;
}

/** What sessions are told of people and terms, as the command line says it. */
import type { Command } from 'commander';
import { parseGlossary } from '../../interpreter/instructions/glossary.js';
import type { BriefingSettings } from '../../meeting/briefing/briefing.js';
import type { Config } from '../../settings.js';
import { plain, type CliIo } from '../io.js';
import { meetingProfilesOf, type ProfileFlags } from './profile-sources.js';
import { readJson } from './read-json.js';

/** The flags of {@link addBriefingOptions}. */
export type BriefingFlags = ProfileFlags & { glossary?: string; explain?: boolean };

/** Adds the options that say what sessions are told beside names and languages. */
export function addBriefingOptions(command: Command): void {
  command
    .option('--glossary <file>', 'terms and how they are translated: {"es>en": {"acta": "minutes"}}')
    .option(
      '--profiles <source>',
      'who people are: fastino (with FASTINO_API_KEY), a JSON file, or none',
      'none',
    )
    .option('--profile-ids <file>', 'whose profile is whose: {"participant id": "usr_42af7c"}')
    .option('--refine-profiles', 'ask Fastino, as people speak, for what fits what they say')
    .option('--learn', 'permit adding what people say to their own profiles; each must agree themselves')
    .option(
      '--explain',
      'print which engine interprets each route, why, at what cost, and what it is told, profiles included',
    );
}

/** Reads what the flags name. Throws ParleyError for flags or files that do not fit. */
export async function briefingOf(
  flags: BriefingFlags,
  config: Config,
  io: CliIo,
  onNotice: (message: string) => void,
): Promise<BriefingSettings> {
  const { glossary } = flags;
  const profiles = await meetingProfilesOf(flags, config, io, onNotice);
  return {
    ...(profiles === undefined ? {} : { profiles }),
    ...(glossary === undefined
      ? {}
      : { glossary: parseGlossary(await readJson(glossary, '--glossary'), `--glossary ${plain(glossary)}`) }),
  };
}

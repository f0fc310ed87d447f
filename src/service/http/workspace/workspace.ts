/** The workspace itself: limits, retention, defaults of new bots; what it used, and who did what. */
import { z } from 'zod';
import { checkMeetingSettings, MEETING_SETTING_NAMES } from '../../../bot/meeting-settings.js';
import { applyRetention } from '../../../records/store/erasure.js';
import { usageOfWorkspace } from '../../../records/store/usage.js';
import {
  findWorkspace,
  listAudit,
  updateWorkspace,
  type WorkspaceRow,
} from '../../../records/store/workspaces.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { moment } from '../bots/bot-schemas.js';
import type { ToolSettings } from '../../../agent/tools/configured/tool-settings.js';
import { checkTools } from '../agent/check-tools.js';
import { present } from '../bots/bot-views.js';
import { pageFrom, pageOf, pageQuery, readCursor } from '../cursors.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Workspace';
const MONTH_MS = 31 * 24 * 3_600_000;
const limits = z.strictObject({
  maxBots: z
    .exactOptional(z.int().min(0).max(10_000))
    .meta({ description: 'Bots in meetings at the same time; 20 by default.' }),
});
const workspace = z
  .object({
    ...{ id: z.string(), name: z.string(), createdAt: z.string() },
    limits: z.record(z.string(), z.unknown()),
    retentionDays: z.int().optional().meta({ description: 'Days that words are kept; absent: for ever.' }),
    defaults: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Settings of new bots where the invitation says nothing.' }),
    standIn: z
      .boolean()
      .meta({ description: 'A stand-in interprets here, to try it: it knows some phrases, and no more.' }),
  })
  .meta({ id: 'Workspace' });
const auditRow = z
  .object({
    ...{ id: z.string(), at: z.string(), actorKind: z.string(), actorId: z.string(), action: z.string() },
    ...{ target: z.string(), detail: z.record(z.string(), z.unknown()) },
  })
  .meta({ id: 'AuditEntry' });
const usageSum = z.object({ of: z.string(), bots: z.int(), units: z.number(), usd: z.number() });

/** Settings as they are written, without the defaults that parsing adds; a wrong one is named by its path. */
const defaults = z.partialRecord(z.enum(MEETING_SETTING_NAMES), z.unknown()).superRefine((given, context) => {
  for (const { path, problem } of checkMeetingSettings(given).problems ?? [])
    context.addIssue({ code: 'custom', message: `${path} ${problem}` });
});

export function workspaceRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  const shown = (row: WorkspaceRow): z.input<typeof workspace> => ({
    ...workspaceOf(row),
    standIn: parts.places.backend.kind === 'embedded',
  });
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/workspace', id: 'getWorkspace', tag: TAG, scope: 'signed-in' },
        ...{ summary: 'Reads the workspace', answer: workspace },
      },
      async ({ caller }) => ({ json: shown((await findWorkspace(database.orm, caller.workspaceId))!) }),
    ),
    route(
      {
        ...{
          method: 'PATCH',
          path: '/v1/workspace',
          id: 'changeWorkspace',
          tag: TAG,
          scope: 'admin',
          answer: workspace,
        },
        summary: 'Changes limits, retention and defaults',
        body: z
          .strictObject({
            name: z.string().trim().min(1).max(100).optional(),
            limits: limits.optional(),
            retentionDays: z.int().min(1).max(3_650).nullable().optional(),
            defaults: defaults.optional(),
          })
          .refine((change) => Object.keys(change).length > 0, 'changes nothing: name at least one field'),
      },
      async (call) => {
        const { caller, body } = call;
        await checkTools(
          parts,
          caller.workspaceId,
          (body.defaults ?? {}) as ToolSettings,
          (path) => `defaults.${path}`,
        );
        const change = {
          ...present({ name: body.name, limits: body.limits, defaults: body.defaults }),
          ...(body.retentionDays === undefined ? {} : { retentionDays: body.retentionDays }),
        };
        const about = {
          action: 'workspace.change',
          target: caller.workspaceId,
          detail: { changed: Object.keys(change) },
        };
        const row = await audited(parts, call, about, async (tx) => {
          const changed = await updateWorkspace(tx, caller.workspaceId, change);
          if (body.retentionDays !== undefined) await applyRetention(tx, caller.workspaceId);
          return changed;
        });
        if (row === undefined) throw new Problem('not_found', 'the workspace is gone');
        return { json: shown(row) };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/usage', id: 'getUsage', tag: TAG, scope: 'bots:read' },
        summary: 'What meetings used, added up; the last 31 days by default',
        query: z.strictObject({
          from: z.exactOptional(moment),
          to: z.exactOptional(moment),
          by: z.enum(['day', 'model', 'bot']).default('day'),
        }),
        answer: z.object({ usd: z.number(), data: z.array(usageSum) }),
      },
      async ({ caller, query }) => {
        const to = query.to === undefined ? new Date() : new Date(query.to);
        const from = query.from === undefined ? new Date(to.getTime() - MONTH_MS) : new Date(query.from);
        const data = await usageOfWorkspace(database.orm, caller.workspaceId, { from, to, by: query.by });
        return { json: { usd: data.reduce((sum, { usd }) => sum + usd, 0), data } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/audit', id: 'listAudit', tag: TAG, scope: 'admin' },
        ...{
          summary: 'Who did what, the newest first',
          query: z.strictObject(pageQuery),
          answer: pageOf(auditRow),
        },
      },
      async ({ caller, query }) => {
        const { limit, cursor } = query;
        const [after] = cursor === undefined ? [] : readCursor(cursor, z.tuple([z.string().max(64)]));
        const rows = await listAudit(database.orm, caller.workspaceId, {
          limit: limit + 1,
          ...present({ after }),
        });
        const { page, next } = pageFrom(rows, limit, ({ id }) => [id]);
        return {
          json: {
            data: page.map(({ id, actorKind, actorId, action, target, at, detail }) => ({
              ...{ id, actorKind, actorId, action, target },
              at: at.toISOString(),
              detail: { ...detail },
            })),
            ...next,
          },
        };
      },
    ),
  ];
}

function workspaceOf({
  id,
  name,
  limits: most,
  retentionDays,
  defaults: preset,
  createdAt,
}: WorkspaceRow): Omit<z.input<typeof workspace>, 'standIn'> {
  return {
    ...{ id, name, createdAt: createdAt.toISOString(), limits: { ...most }, defaults: { ...preset } },
    ...present({ retentionDays }),
  };
}

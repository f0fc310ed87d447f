import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom (docs/architecture.md, section 3). A zone forbids files under `target` to import from `from`.
 */
const GROUND = [
  'clock',
  'errors',
  'events',
  'ids',
  'log',
  'log-levels',
  'redaction',
  'nearest-name',
  'package-root',
  'seeded-random',
  'bounded-map',
  'text',
  'metrics',
  'duration-text',
  'settled-within',
  'pause',
].map((name) => `./src/${name}.ts`);
const COMPOSITION = [
  './src/meeting',
  './src/bot',
  './src/realtime-client',
  './src/settings',
  './src/records',
  './src/database',
  './src/replay',
  './src/meeting-process',
  './src/supervisor',
  './src/fleet',
  './src/service',
  './src/cli',
];
const ADAPTERS = [
  './src/room/videosdk',
  './src/room/stream',
  './src/room/sdk',
  './src/room/webrtc',
  './src/room/testing',
  './src/realtime/connection/websocket-transport.ts',
  './src/realtime/conversation/conversation-session.ts',
  './src/realtime/continuous/continuous-session.ts',
  './src/realtime/providers',
];
const zones = [
  {
    target: './src/client',
    from: ['./src', './audio'],
    except: ['./client'],
    message: 'The browser module stands alone.',
  },
  { target: './audio', from: './src', message: 'audio/ imports nothing of the project.' },
  ...GROUND.map((target) => ({
    target,
    from: './src',
    except: GROUND.map((file) => file.replace('./src/', './')),
    message: 'Ground files import nothing above them.',
  })),
  {
    target: ['./src/interpreter', './src/captions', './src/agent'],
    from: ADAPTERS,
    message: 'The interpreter, captions and the agent see ports, never adapters.',
  },
  {
    target: [
      './src/languages',
      './src/realtime',
      './src/room',
      './src/profiles',
      './src/interpreter',
      './src/captions',
      './src/agent/tools',
      './src/agent/wake',
      './src/media',
      './src/outgoing',
    ],
    from: [...COMPOSITION, './src/embedded'],
    message: 'Parts do not know what composes them.',
  },
  {
    target: './src/agent',
    from: [...COMPOSITION.filter((folder) => folder !== './src/meeting'), './src/embedded'],
    message: 'The agent is a part of a meeting, and knows nothing that composes one.',
  },
  {
    target: ['./src/bot', './src/meeting', './src/records', './src/service'],
    from: [...ADAPTERS, './src/embedded'],
    message:
      'Above the ports nothing knows VideoSDK, OpenAI or the embedded servers: cli, replay and programs choose them.',
  },
  {
    target: './src/embedded',
    from: [
      './src/interpreter',
      './src/captions',
      './src/agent',
      './src/bot',
      './src/realtime-client',
      './src/meeting',
      './src/records',
      './src/replay',
      './src/service',
      './src/cli',
    ],
    message: 'An embedded server knows the protocol, not the bot.',
  },
  {
    target: './src/realtime-client',
    from: ['./src/embedded', './src/bot', './src/replay', './src/service', './src/cli'],
    message: 'The client stands beside the bot, and below what uses it.',
  },
  { target: ['./audio', './src'], from: './test', message: 'The product does not import its tests.' },
];

/** Every object has a `constructor`, and somebody may be called so: what is kept by such a key is kept in a Map. */
const OPEN_KEY = {
  selector:
    'MemberExpression[computed=true][property.name=/^(?:id|.*Id|.*[tT]opic|.*[lL]anguage|(?:display|person|participant|speaker)Name)$/]',
  message: 'Tables by ids, names, topics or languages are Maps: a plain object has names of its own.',
};
const MEETING_PAGE = 'src/embedded/room-server/page/*.js';
const API_PAGE = 'src/service/openapi/page/*.js';
const TYPE_CHECKED = [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked];

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      'node_modules/**',
      'fixtures/corrupt/**',
      'test/bench/peers/**',
      'test/bench/results/**',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', MEETING_PAGE],
    extends: TYPE_CHECKED,
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: `${import.meta.dirname}/../tsconfig.json` }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: `${import.meta.dirname}/..`, zones }],
      'import-x/no-default-export': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off', // ports are interfaces, data is types
      '@typescript-eslint/no-non-null-assertion': 'off', // indices that a loop has just bounded
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-console': 'error',
      'no-restricted-syntax': ['error', OPEN_KEY],
    },
  },
  { files: ['test/**'], rules: { 'no-restricted-syntax': 'off' } }, // nobody joins them under a name of their own
  { files: ['.config/*.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    ignores: [MEETING_PAGE],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setInterval: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    files: [API_PAGE],
    languageOptions: { globals: { document: 'readonly', fetch: 'readonly', location: 'readonly' } },
  },
  prettier,
);

#!/usr/bin/env bash
# eld looks at the first 350 bytes of a text and at nothing behind them: one page of Spanish after five sentences of English
# is English, "reliable", with the very scores that the English alone gets. Neither its README nor its result says so.
# In Cyrillic, Arabic or Devanagari 350 bytes are two or three lines.
# Seen with eld 2.1.0 (small) on Node 20.20, 2026-11-30.
# For whoever checks the language of whole answers, translations or documents: cut them into pieces and vote.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund eld@2.1.0
cat >run.mjs <<'JS'
import { eld } from 'eld/small';

const english = 'We opened the window because the room had become warm during the long discussion. ';
const spanish = 'Abrimos la ventana porque la sala se había calentado durante la larga discusión. ';
const bytes = (text) => Buffer.byteLength(text);
console.log(`eld 2.1.0, Node ${process.version}`);
const judge = (name, text) => {
  const result = eld.detect(text);
  console.log(`${name}: ${bytes(text)} bytes, ${result.language}, reliable ${result.isReliable()}`);
  return { language: result.language, reliable: result.isReliable(), scores: JSON.stringify(result.getScores()) };
};
const alone = judge('English alone', english.repeat(5));
const mixed = judge('five English sentences, then sixty Spanish', english.repeat(5) + spanish.repeat(60));
const spanishAlone = judge('Spanish alone', spanish.repeat(60));
const asSeen =
  mixed.language === 'en' && mixed.reliable && mixed.scores === alone.scores && spanishAlone.language === 'es';
console.log(asSeen ? 'the same scores with and without the Spanish: as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
node run.mjs

/**
 * The script of the report: one playhead over both recordings, which share a timeline. Without it, or without the files,
 * the page is still whole. `data-duration-ms` of the timeline is its length.
 */
export const REPORT_SCRIPT = `
'use strict';
(() => {
  const player = document.querySelector('.player');
  const timeline = document.querySelector('.timeline');
  const scroll = document.querySelector('.scroll');
  const playhead = document.querySelector('.playhead');
  const button = player.querySelector('button');
  const clock = player.querySelector('output');
  const durationMs = Number(timeline.dataset.durationMs);
  const tracks = [...player.querySelectorAll('label')].map((label) => ({
    label, box: label.querySelector('input'), audio: label.querySelector('audio'), ready: false,
  }));
  let atMs = 0, playing = false, startedMs = 0, startedAtMs = 0;

  const text = (ms) => {
    const tenths = Math.round(ms / 100);
    return Math.floor(tenths / 600) + ':' + (tenths % 600 / 10).toFixed(1).padStart(4, '0');
  };
  const show = () => {
    const x = 100 * atMs / durationMs + '%';
    playhead.setAttribute('x1', x);
    playhead.setAttribute('x2', x);
    playhead.style.visibility = 'visible';
    clock.textContent = text(atMs) + ' / ' + text(durationMs);
    button.textContent = playing ? 'Pause' : 'Play';
  };
  const follow = () => {
    const x = timeline.clientWidth * atMs / durationMs;
    const gone = x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth;
    if (gone) scroll.scrollLeft = x - scroll.clientWidth / 10;
  };
  const place = (track) => {
    if (!track.ready) return;
    const audible = playing && atMs < 1000 * track.audio.duration;
    track.audio.muted = !track.box.checked;
    if (!audible) return track.audio.pause();
    track.audio.currentTime = atMs / 1000;
    track.audio.play().catch(() => {});
  };
  const seek = (ms) => {
    atMs = Math.min(Math.max(ms, 0), durationMs);
    startedMs = performance.now();
    startedAtMs = atMs;
    tracks.forEach(place);
    show();
  };
  const frame = () => {
    if (!playing) return;
    const leader = tracks.find((track) => track.ready && !track.audio.paused && !track.audio.ended);
    atMs = leader ? leader.audio.currentTime * 1000 : startedAtMs + performance.now() - startedMs;
    if (atMs >= durationMs) { playing = false; return seek(0); }
    show();
    follow();
    requestAnimationFrame(frame);
  };
  button.addEventListener('click', () => {
    playing = !playing;
    seek(atMs);
    frame();
  });
  timeline.addEventListener('click', (event) => {
    const box = timeline.getBoundingClientRect();
    seek(durationMs * (event.clientX - box.left) / box.width);
  });
  for (const track of tracks) {
    const usable = (ready) => {
      track.ready = ready;
      track.label.classList.toggle('missing', !ready);
      track.box.disabled = !ready;
      track.label.title = ready ? '' : 'The file is not beside this page.';
      player.hidden = !tracks.some((other) => other.ready);
    };
    track.audio.addEventListener('loadedmetadata', () => { usable(true); show(); });
    track.audio.addEventListener('error', () => usable(false));
    track.box.addEventListener('change', () => { track.audio.muted = !track.box.checked; });
    usable(track.audio.readyState > 0);
    if (track.audio.networkState === 3) usable(false); else if (track.audio.readyState === 0) track.audio.load();
  }
})();
`;

/** Uses the set-up link: its secret stands behind the #, so that no server log has it. */
const form = document.getElementById('form');
const said = document.getElementById('said');
const key = document.getElementById('key');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = {
    token: location.hash.slice(1),
    name: document.getElementById('name').value,
    keyName: 'First key',
  };
  const response = await fetch('/v1/setup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    said.textContent = answer.detail;
    return;
  }
  history.replaceState(null, '', '/setup');
  form.hidden = true;
  said.textContent = 'Done. This is your first API key. It is shown once: keep it.';
  key.textContent = `export PARLEY_API_KEY=${answer.key}`;
  key.hidden = false;
});

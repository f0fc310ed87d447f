/** Shows openapi.json of this service: every endpoint with its fields. Nothing is loaded from anywhere else. */

const API = await (await fetch('/v1/openapi.json')).json();

/** An element with attributes and children; texts stay texts. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
}

/** The schema itself where this is a reference to one of the components. */
function resolved(schema) {
  const name = schema?.$ref?.split('/').at(-1);
  return name === undefined ? schema : API.components.schemas[name];
}

/** A type in words. */
function typeText(schema) {
  const {
    type,
    enum: values,
    const: only,
    items,
    anyOf,
    oneOf,
    format,
    additionalProperties,
    $ref,
  } = schema ?? {};
  if ($ref !== undefined) return $ref.split('/').at(-1);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (type === 'array') return `list of ${typeText(items)}`;
  const some = anyOf ?? oneOf;
  if (some !== undefined) return some.map(typeText).join(' | ');
  if (type === 'object' && typeof additionalProperties === 'object')
    return `${typeText(additionalProperties)} by name`;
  return format === undefined ? (type ?? 'anything') : `${type} (${format})`;
}

function notesOf(schema) {
  const {
    minimum,
    maximum,
    exclusiveMinimum,
    minLength,
    maxLength,
    maxItems,
    default: preset,
    description,
  } = schema;
  const unit = schema['x-unit'];
  const notes = [
    description,
    (minimum ?? exclusiveMinimum) ? `from ${minimum ?? exclusiveMinimum}` : '',
    maximum === undefined || maximum > 1e15 ? '' : `up to ${maximum}`,
    unit === undefined ? '' : `unit: ${unit}`,
    minLength === undefined ? '' : `at least ${minLength} characters`,
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    maxItems === undefined ? '' : `at most ${maxItems} entries`,
    preset === undefined ? '' : `default ${JSON.stringify(preset)}`,
    schema['x-live'] === false ? `not while the meeting runs: ${schema['x-reason']}` : '',
  ];
  return notes.filter((note) => note !== undefined && note !== '').join('; ');
}

function fieldTable(caption, rows) {
  if (rows.length === 0) return undefined;
  return element(
    'table',
    {},
    element('caption', { class: 'note' }, caption),
    element(
      'tbody',
      {},
      ...rows.map(([name, required, schema]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, element('code', {}, name), required ? ' *' : ''),
          element('td', {}, element('code', {}, typeText(schema))),
          element('td', {}, notesOf(schema)),
        ),
      ),
    ),
  );
}

function schemaTable(caption, reference) {
  const schema = resolved(reference);
  if (schema?.properties === undefined) return undefined;
  const required = new Set(schema.required ?? []);
  return fieldTable(
    caption,
    Object.entries(schema.properties).map(([name, field]) => [name, required.has(name), field]),
  );
}

function operation(path, method, about) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = about;
  const scope = about['x-scope'];
  return element(
    'article',
    { id: operationId },
    element('h3', {}, element('span', { class: 'method' }, method.toUpperCase()), element('code', {}, path)),
    element('p', {}, summary, scope === undefined ? '' : ` — needs ${scope}`),
    description === undefined ? undefined : element('p', { class: 'note' }, description),
    fieldTable(
      'Parameters',
      parameters.map(({ name, in: place, required, schema, description: what }) => [
        place === 'query' ? `?${name}` : name,
        required,
        { ...schema, description: what },
      ]),
    ),
    schemaTable('Body', requestBody?.content['application/json']?.schema),
    ...Object.entries(responses).map(([status, response]) => {
      const json = response.content?.['application/json']?.schema;
      const title = `${status}: ${response.description}`;
      return json === undefined
        ? element('p', { class: 'note' }, title)
        : element(
            'details',
            {},
            element('summary', {}, title),
            schemaTable('Answer', json) ?? element('pre', {}, JSON.stringify(json, null, 2)),
          );
    }),
  );
}

const groups = new Map(API.tags.map(({ name }) => [name, []]));
for (const [path, methods] of Object.entries(API.paths))
  for (const [method, about] of Object.entries(methods))
    groups.get(about.tags[0]).push([path, method, about]);

document.getElementById('about').textContent = `${API.info.description} Version ${API.info.version}.`;
document
  .getElementById('contents')
  .append(
    ...[...groups].map(([tag, operations]) =>
      element(
        'section',
        {},
        element('h2', {}, tag),
        element(
          'ul',
          {},
          ...operations.map(([path, method, { operationId }]) =>
            element('li', {}, element('a', { href: `#${operationId}` }, `${method.toUpperCase()} ${path}`)),
          ),
        ),
      ),
    ),
  );
document
  .getElementById('operations')
  .replaceChildren(
    ...[...groups].flatMap(([tag, operations]) => [
      element('h2', {}, tag),
      ...operations.map(([path, method, about]) => operation(path, method, about)),
    ]),
  );
if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView();

// Rows of a table from data: a template's row is cloned, and elements that name a field get its text.

function fill(row, data) {
  for (const element of row.querySelectorAll("[data-field]")) {
    const text = data[element.dataset.field] ?? "";
    const place = element.querySelector("bdi") ?? element;
    if (place.textContent !== text) place.textContent = text;
  }
}

function made(template, data, key) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.key = data[key];
  fill(row, data);
  return row;
}

/** Make the rows of `body` those of `list`, in its order; rows that stay keep their elements, and so the focus. */
export function fillRows(body, template, list, key) {
  const present = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  list.forEach((data, index) => {
    const row = present.get(String(data[key]));
    if (row) {
      present.delete(row.dataset.key);
      fill(row, data);
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    } else {
      const created = made(template, data, key);
      created.querySelector("a").href = `/live?server=${encodeURIComponent(data[key])}`;
      body.insertBefore(created, body.rows[index] ?? null);
    }
  });
  for (const row of present.values()) row.remove();
}

/** Put the rows of `list`, newest first, above those of `body`, and let go of what is beyond `most`. */
export function prependRows(body, template, list, most) {
  const rows = list.map((data) => {
    const row = made(template, { ...data, kind: `${data.failed ? "✕ " : ""}${data.kind}` }, "number");
    const name = row.querySelector('[data-field="name"]');
    if (data.link) name.href = data.link;
    row.querySelector("time").dateTime = data.iso_time;
    row.querySelector('[data-field="kind"]').classList.toggle("error", data.failed);
    return row;
  });
  body.prepend(...rows);
  while (body.rows.length > most) body.rows[most].remove();
}

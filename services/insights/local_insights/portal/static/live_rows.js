// Builds table rows from data: clones the row of a template and sets the text of the elements with data-field.

function fill(row, data) {
  for (const element of row.querySelectorAll("[data-field]")) {
    const text = data[element.dataset.field] ?? "";
    const target = element.querySelector("bdi") ?? element;
    if (target.textContent !== text) target.textContent = text;
  }
}

function createRow(template, data, key) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.key = data[key];
  fill(row, data);
  return row;
}

/** Update the rows of `body` to those of `list`, in its order. Rows that stay are the same elements, so they preserve the focus. */
export function fillRows(body, template, list, key) {
  const present = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  list.forEach((data, index) => {
    const row = present.get(String(data[key]));
    if (row) {
      present.delete(row.dataset.key);
      fill(row, data);
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    } else {
      const created = createRow(template, data, key);
      created.querySelector("a").href = `/live?server=${encodeURIComponent(data[key])}`;
      body.insertBefore(created, body.rows[index] ?? null);
    }
  });
  for (const row of present.values()) row.remove();
}

/** Insert the rows of `list`, newest first, above those of `body`, and remove rows beyond `most`. */
export function prependRows(body, template, list, most) {
  const rows = list.map((data) => {
    const row = createRow(template, { ...data, kind: `${data.failed ? "✕ " : ""}${data.kind}` }, "number");
    const name = row.querySelector('[data-field="name"]');
    if (data.link) name.href = data.link;
    row.querySelector("time").dateTime = data.iso_time;
    row.querySelector('[data-field="kind"]').classList.toggle("error", data.failed);
    return row;
  });
  body.prepend(...rows);
  while (body.rows.length > most) body.rows[most].remove();
}

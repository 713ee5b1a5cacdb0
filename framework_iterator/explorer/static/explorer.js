// Shows the events of a view as rows. All texts are set as text, never as markup.
"use strict";

const number = new Intl.NumberFormat("en-US");
const byId = (id) => document.getElementById(id);

function cell(row, text, name) {
  const td = row.insertCell();
  td.textContent = text;
  if (name) td.className = name;
  return td;
}

function fill(row, message) {
  row.className = message.kind;
  cell(row, message.partition, "right");
  const offset = cell(row, "", "right");
  const link = document.createElement("a");
  link.href = message.address;
  link.textContent = message.offset;
  link.setAttribute("aria-label", `Message ${message.offset} of partition ${message.partition}`);
  offset.append(link);
  cell(row, message.time);
  cell(row, message.key, "key").title = message.key;
  const payload = cell(row, message.payload, "payload");
  payload.title = message.payload;
  if (message.kind !== "payload") {
    const tag = document.createElement("span");
    tag.className = "tag";
    tag.textContent = message.kind === "tombstone" ? "tombstone" : "can’t be read: ";
    payload.prepend(tag);
  }
}

function ended(data, table) {
  const found = number.format(data.given), read = number.format(data.read);
  const noun = data.given === 1 ? "message" : "messages";
  let text = table.dataset.search ? `${found} ${noun} found in ${read} read.` : `${found} ${noun}.`;
  if (!data.given) text = table.dataset.search ? `Nothing found in ${read} messages.` : "There are no messages here.";
  if (data.early) text += ` Ended ${data.early}.`;
  if (data.lost) text += ` ${number.format(data.lost)} offsets were removed before they could be read.`;
  if (data.failed) text += ` Where failed on ${number.format(data.failed)}, the first was ${data.reason}.`;
  return text;
}

function tabulate(details, rows) {
  for (const values of rows) {
    const row = details.querySelector("tbody").insertRow();
    for (const value of values) cell(row, number.format(BigInt(value)), "right");
  }
  details.hidden = !rows.length;
}

function start(table) {
  const body = table.tBodies[0], status = byId("status"), problem = byId("problem");
  const bar = byId("progress"), stop = byId("stop"), pause = byId("pause"), more = byId("more");
  const live = Boolean(table.dataset.live);
  const source = new EventSource(table.dataset.events);
  let waiting = [], paused = false, total = 0, given = 0, ifStopped = null;

  const close = (text) => {
    source.close();
    status.removeAttribute("aria-busy");
    bar.hidden = stop.hidden = pause.hidden = true;
    if (text) status.textContent = text;
  };
  const finish = (data) => {
    close(ended(data, table));
    tabulate(byId("report"), data.report);
    if (data.more) {
      more.hidden = false;
      more.firstElementChild.href = data.more;
      if (data.early) more.firstElementChild.textContent = "Search on";
    }
  };
  const fail = (text, ended, mayPass = true) => {
    problem.textContent = text;
    problem.hidden = false;
    byId("again").hidden = !mayPass;
    close(ended);
  };
  const show = (message) => {
    fill(live ? body.insertRow(0) : body.insertRow(), message);
    if (live && body.rows.length > 1000) body.deleteRow(-1);
  };

  // A click anywhere on a row opens its message, except one that ends a selection of text.
  body.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !getSelection().toString()) event.target.closest("tr").querySelector("a").click();
  });
  stop.hidden = live;
  pause.hidden = !live;
  if (live) status.textContent = "Waiting for messages…";
  stop.addEventListener("click", () => ifStopped ? finish(ifStopped) : close("Stopped."));
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) waiting.splice(0).forEach(show);
    status.textContent = paused ? "Paused." : "Live.";
  });
  source.addEventListener("row", (event) => {
    given += 1;
    const message = JSON.parse(event.data);
    if (!paused) show(message);
    else if (waiting.push(message) > 1000) waiting.shift();
    if (paused) status.textContent = `Paused. ${number.format(waiting.length)} wait.`;
    else if (live) status.textContent = "Live.";
  });
  source.addEventListener("waiting", (event) => {
    const others = table.dataset.search ? "searches" : "pages";
    status.textContent = `Waiting: ${JSON.parse(event.data).others} other ${others} are under way.`;
  });
  source.addEventListener("plan", (event) => {
    const data = JSON.parse(event.data), partitions = data.rows.length;
    const noun = partitions === 1 ? "partition" : "partitions";
    total = data.offsets;
    bar.hidden = !table.dataset.search || !total;
    bar.max = total || 1;
    status.textContent = "Reading…";
    status.setAttribute("aria-busy", "true");  // else each step of the progress would be read aloud
    byId("plan").firstElementChild.textContent = `Plan: ${number.format(total)} offsets of ${number.format(partitions)} ${noun}`;
    tabulate(byId("plan"), data.rows);
  });
  source.addEventListener("progress", (event) => {
    if (live) {
      if (!paused) status.textContent = given ? "Live." : "Live. No message yet.";
      return;
    }
    const data = JSON.parse(event.data);
    bar.value = data.passed;
    ifStopped = data.if_stopped;
    status.textContent = `Reading: ${number.format(bar.value)} of ${number.format(total)} offsets, ${number.format(given)} found so far.`;
  });
  source.addEventListener("end", (event) => finish(JSON.parse(event.data)));
  source.addEventListener("problem", (event) => {
    const data = JSON.parse(event.data);
    fail(data.text, "It ended with a problem.", data.may_pass);
  });
  // EventSource would connect again, and begin at the start.
  source.onerror = () => {
    fail("The server has gone, or refuses. Start framework explore again, and load this page again.", "Disconnected.");
  };
  addEventListener("pagehide", () => source.close());
  // Browsers open six connections to a server: hidden live views would block the other pages.
  if (live) document.addEventListener("visibilitychange", () => {
    if (document.hidden) close("Live view ended, as the page was hidden. Load it again to go on.");
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const text = "copyAddress" in button.dataset ? location.href : byId(button.dataset.copy).textContent;
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Can’t copy here";
  }
  setTimeout(() => { button.textContent = label; }, 1500);
});

// Empty fields would make the address longer.
byId("search")?.addEventListener("submit", (event) => {
  for (const field of event.target.elements) {
    if (field.name && field.tagName !== "BUTTON" && (!field.value || (field.name === "order" && field.value === "newest"))) field.disabled = true;
  }
  setTimeout(() => { for (const field of event.target.elements) field.disabled = false; });
});

const table = byId("messages");
if (table) start(table);

const PLACE = "xunzhang-questions";
const MOST = 30;

function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  } catch {
    return []; // storage is switched off, or holds something else
  }
}

function keep(list) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(list));
  } catch {
    /* a private window may refuse: there is no history then */
  }
}

let cleared = null; // the question on the page when the list was emptied: it does not come back by itself

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let list = kept();
  if (data.asked !== cleared) cleared = null;
  if (data.asked && data.asked !== list[0] && data.asked !== cleared) {
    list = [data.asked, ...list.filter((question) => question !== data.asked)].slice(0, MOST);
    keep(list);
  }
  const details = parentElement.querySelector("details");
  details.hidden = list.length === 0;
  details.querySelector("summary").textContent = data.title;
  const items = list.map((question) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = question; // as text: a question may hold markup
    button.onclick = () => {
      details.open = false;
      setTriggerValue("chosen", question);
    };
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  details.querySelector("ol").replaceChildren(...items);
  const clear = details.querySelector("details > button");
  clear.textContent = data.clear;
  clear.onclick = () => {
    cleared = data.asked;
    keep([]);
    details.hidden = true;
  };
}

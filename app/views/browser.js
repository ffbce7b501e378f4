// What a page does without the server: copying a passage, and keys. Once a browser tab.
//   /        to the search box
//   j and k  to the next hit and the one before
if (!window.xunzhangReady) {
  window.xunzhangReady = true;

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Browsers hide the clipboard from pages that come over plain http from elsewhere.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button.xz-copy");
    if (!button) return;
    await copy(button.dataset.text);
    button.dataset.label ??= button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = button.dataset.label), 1500);
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], [role=dialog]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const box = document.querySelector(".st-key-q input");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "j" || event.key === "k") {
      const hits = [...document.querySelectorAll("article.xz-hit")];
      const at = hits.indexOf(document.activeElement.closest("article.xz-hit"));
      const next = hits[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
      if (!next) return;
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  });
}

// Mends the theme's markup where a screen reader or a keyboard would stumble.
document.addEventListener("DOMContentLoaded", () => {
  // What scrolls sideways by itself must be reachable from the keyboard.
  const scrollers = document.querySelectorAll(
    ".bd-article pre, .pst-scrollable-table-container, .bd-article div.math, .text_html div",
  );
  const mark = () => {
    for (const box of scrollers) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  mark();
  window.addEventListener("resize", mark);
  window.addEventListener("load", mark);
});

// Where MathJax does not come, formulas are shown as written.
window.addEventListener("load", () => {
  if (!window.MathJax?.startup) document.documentElement.classList.add("no-math");
});

// Paper is white, whatever the theme.
let theme;
window.addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
window.addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
});

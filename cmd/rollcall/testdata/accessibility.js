// What is wrong with the page that is looked at, for people who do not see it, see
// little of it, or have no mouse: a list of {rule, where, what}, empty where
// nothing is. The rules are those of WCAG 2.2, levels A and AA, that a program can
// judge, and go by the names that axe-core's rules have. Left out: what needs a
// person (whether an alternative text says the right thing), and contents of
// pictures, frames and shadow trees.
//
// All of it happens in one go: nothing on the page can react between a check that
// moves the focus or enlarges the text and its undoing.
(() => {
  const findings = [];
  const told = new Set();
  function found(rule, element, what) {
    const finding = { rule, where: where(element), what };
    const key = JSON.stringify(finding);
    if (!told.has(key)) findings.push(finding);
    told.add(key);
  }

  // where describes an element as a selector would, with some of its text.
  function where(element) {
    if (!element?.tagName) return "page";
    const own = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + [...e.classList].map((c) => "." + c).join("");
    const above = element.closest("[id]:not(html, body)");
    const text = (element.innerText ?? element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    return (above && above !== element ? "#" + above.id + " " : "") + own(element) + (text ? ` "${text}"` : "");
  }

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tokens = (element, attribute) => (element.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean);
  const round = (n) => Math.round(n * 100) / 100;

  // What can be seen and heard --------------------------------------------------

  // A modal dialog makes the rest of the page inert.
  const modal = all("dialog").filter((d) => d.matches(":modal")).at(-1);
  const stage = modal ?? document.body;

  // clipped elements are for screen readers alone.
  const clipped = (e) => { for (; e; e = e.parentElement) if (/^inset\((50|100)%\)$/.test(getComputedStyle(e).clipPath) || getComputedStyle(e).clip === "rect(0px, 0px, 0px, 0px)") return true; return false; };
  const drawn = (e) => e.checkVisibility({ opacityProperty: false, visibilityProperty: true });
  function seen(e) {
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || clipped(e)) return false;
    const { width, height } = e.getBoundingClientRect();
    return width > 1 && height > 1;
  }
  const heard = (e) => drawn(e) && !e.closest("[aria-hidden=true], [inert]");

  const natively = "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, audio[controls], video[controls]";
  const disabled = (e) => e.matches(":disabled") || e.closest("[aria-disabled=true]") !== null;
  // tabbable elements are reached by the Tab key.
  const tabbable = (e) => e.matches(`${natively}, [tabindex], [contenteditable]`) && e.tabIndex >= 0 && !e.matches(":disabled") && drawn(e) && !e.closest("[inert]");

  // Roles ------------------------------------------------------------------------

  const inputs = { button: "button", checkbox: "checkbox", email: "textbox", image: "button", number: "spinbutton", radio: "radio", range: "slider", reset: "button", search: "searchbox", submit: "button", tel: "textbox", text: "textbox", url: "textbox" };
  const natives = {
    ARTICLE: "article", ASIDE: "complementary", BLOCKQUOTE: "blockquote", BUTTON: "button", CODE: "code", DATALIST: "listbox", DD: "definition", DEL: "deletion", DETAILS: "group",
    DIALOG: "dialog", DT: "term", EM: "emphasis", FIELDSET: "group", FIGURE: "figure", H1: "heading", H2: "heading", H3: "heading", H4: "heading", H5: "heading", H6: "heading",
    HR: "separator", INS: "insertion", LI: "listitem", MAIN: "main", MENU: "list", METER: "meter", NAV: "navigation", OL: "list", OPTGROUP: "group", OPTION: "option", OUTPUT: "status",
    P: "paragraph", PROGRESS: "progressbar", SEARCH: "search", STRONG: "strong", SUB: "subscript", SUMMARY: "button", SUP: "superscript", TABLE: "table", TBODY: "rowgroup", TD: "cell",
    TEXTAREA: "textbox", TFOOT: "rowgroup", TH: "columnheader", THEAD: "rowgroup", TIME: "time", TR: "row", UL: "list",
  };
  const explicit = (e) => tokens(e, "role").find((r) => r in supported);
  function role(e) {
    const given = explicit(e);
    if (given) return given;
    switch (e.tagName) {
      case "A": case "AREA": return e.hasAttribute("href") ? "link" : "generic";
      case "FORM": return label(e) ? "form" : "generic";
      case "SECTION": return label(e) ? "region" : "generic";
      case "HEADER": case "FOOTER": return e.parentElement.closest("article, aside, main, nav, section") ? "generic" : e.tagName === "HEADER" ? "banner" : "contentinfo";
      case "IMG": return e.getAttribute("alt") === "" ? "none" : "img";
      case "INPUT": return inputs[e.type] ?? "";
      case "SELECT": return e.multiple || e.size > 1 ? "listbox" : "combobox";
      case "svg": return "graphics-document";
      default: return natives[e.tagName] ?? "generic";
    }
  }

  // supported are the roles of WAI-ARIA 1.2 that may be written, each with the
  // attributes that it takes beyond the global ones.
  const field = "disabled errormessage invalid readonly required";
  const range = "valuemax valuemin valuenow valuetext";
  const supported = {};
  for (const [roles, attributes] of Object.entries({
    "alert banner blockquote caption code complementary contentinfo definition deletion document emphasis feed figure form generic graphics-document img insertion list log main marquee math navigation none note paragraph presentation region rowgroup search status strong subscript superscript tabpanel term time timer tooltip": "",
    "alertdialog dialog": "modal",
    "application group toolbar": "activedescendant disabled",
    article: "posinset setsize",
    button: "disabled expanded haspopup pressed",
    "cell": "colindex colspan rowindex rowspan",
    "columnheader gridcell rowheader": `colindex colspan rowindex rowspan expanded haspopup selected sort ${field}`,
    "checkbox switch": `checked expanded ${field}`,
    combobox: `activedescendant autocomplete expanded haspopup ${field}`,
    "grid treegrid": "activedescendant colcount disabled multiselectable readonly rowcount orientation required errormessage invalid",
    heading: "level",
    link: "disabled expanded haspopup",
    listbox: `activedescendant expanded multiselectable orientation ${field}`,
    listitem: "level posinset setsize",
    "menu menubar": "activedescendant disabled orientation",
    menuitem: "disabled expanded haspopup posinset setsize",
    "menuitemcheckbox menuitemradio": "checked disabled expanded haspopup posinset setsize",
    "meter progressbar": range,
    option: "checked disabled posinset selected setsize",
    radio: "checked disabled posinset setsize",
    radiogroup: `activedescendant orientation ${field}`,
    row: "activedescendant colindex disabled expanded level posinset rowindex selected setsize",
    "scrollbar separator": `disabled orientation ${range}`,
    "searchbox textbox": `activedescendant autocomplete haspopup multiline placeholder ${field}`,
    slider: `disabled errormessage haspopup invalid orientation readonly ${range}`,
    spinbutton: `activedescendant ${field} ${range}`,
    tab: "disabled expanded haspopup posinset selected setsize",
    table: "colcount rowcount",
    tablist: "activedescendant disabled multiselectable orientation",
    tree: "activedescendant disabled errormessage invalid multiselectable orientation required",
    treeitem: "checked disabled expanded haspopup level posinset selected setsize",
  })) for (const r of roles.split(" ")) supported[r] = new Set(attributes.split(" "));

  const globals = new Set("atomic braillelabel brailleroledescription busy controls current describedby description details flowto hidden keyshortcuts label labelledby live owns relevant roledescription".split(" "));
  // nameless roles may not be named by an attribute.
  const nameless = new Set("caption code deletion emphasis generic insertion none paragraph presentation strong subscript superscript".split(" "));
  const required = { checkbox: ["checked"], combobox: ["controls", "expanded"], heading: ["level"], menuitemcheckbox: ["checked"], menuitemradio: ["checked"], meter: ["valuenow"], radio: ["checked"], scrollbar: ["controls", "valuenow"], slider: ["valuenow"], switch: ["checked"] };
  const parents = { listitem: "list", option: "listbox group", tab: "tablist", menuitem: "menu menubar group", treeitem: "tree group", row: "table grid treegrid rowgroup", cell: "row", gridcell: "row", columnheader: "row" };
  const children = { listbox: "option group", list: "listitem", tablist: "tab", menu: "menuitem menuitemcheckbox menuitemradio group separator", radiogroup: "radio" };
  const widgets = new Set("button checkbox combobox link listbox menuitem menuitemcheckbox menuitemradio option radio searchbox slider spinbutton switch tab textbox treeitem".split(" "));
  const interactive = (e) => e.matches(natively) || widgets.has(role(e)) || e.isContentEditable && !e.parentElement?.isContentEditable;

  const bool = ["true", "false"];
  const maybe = [...bool, "undefined"];
  const mixed = [...maybe, "mixed"];
  const ids = "ids", integer = "integer", number = "number", text = "text";
  const values = {
    activedescendant: ids, controls: ids, describedby: ids, details: ids, errormessage: ids, flowto: ids, labelledby: ids, owns: ids,
    atomic: bool, busy: bool, disabled: bool, modal: bool, multiline: bool, multiselectable: bool, readonly: bool, required: bool,
    expanded: maybe, hidden: maybe, selected: maybe, checked: mixed, pressed: mixed,
    autocomplete: ["inline", "list", "both", "none"], current: ["page", "step", "location", "date", "time", ...bool], haspopup: [...bool, "menu", "listbox", "tree", "grid", "dialog"],
    invalid: [...bool, "grammar", "spelling"], live: ["assertive", "off", "polite"], orientation: ["horizontal", "vertical", "undefined"], relevant: ["additions", "removals", "text", "all", "additions text"],
    sort: ["ascending", "descending", "none", "other"],
    colcount: integer, colindex: integer, colspan: integer, level: integer, posinset: integer, rowcount: integer, rowindex: integer, rowspan: integer, setsize: integer,
    valuemax: number, valuemin: number, valuenow: number,
    braillelabel: text, brailleroledescription: text, description: text, keyshortcuts: text, label: text, placeholder: text, roledescription: text, valuetext: text,
  };

  // Names --------------------------------------------------------------------------

  // label is the name that attributes give.
  function label(e) {
    const by = tokens(e, "aria-labelledby").map((id) => document.getElementById(id)).filter(Boolean);
    return (by.length > 0 ? by.map((b) => b.getAttribute("aria-label") || said(b, true)).join(" ") : e.getAttribute("aria-label") ?? "").trim();
  }

  // said is the text of an element as it is read out; asked for by an id, it may be hidden.
  function said(e, asked = false) {
    let words = "";
    for (const n of e.childNodes) {
      if (n.nodeType === Node.TEXT_NODE) words += n.data;
      else if (n.nodeType !== Node.ELEMENT_NODE || n.getAttribute("aria-hidden") === "true" || !asked && !drawn(n)) continue;
      else words += (getComputedStyle(n).display === "inline" ? "" : " ") + (label(n) || (n.tagName === "IMG" ? n.alt : said(n, asked)));
    }
    return words.replace(/\s+/g, " ").trim();
  }

  const fromContent = new Set("button cell checkbox columnheader gridcell heading link menuitem menuitemcheckbox menuitemradio option radio row rowheader switch tab tooltip treeitem".split(" "));

  // name is the accessible name, by the essentials of the W3C's computation of it.
  function name(e) {
    const given = label(e);
    if (given) return given;
    if (e.tagName === "IMG" || e.tagName === "AREA" || e.type === "image") return (e.alt || e.title || "").trim();
    if (e.tagName === "INPUT" && ["button", "submit", "reset"].includes(e.type)) return (e.value || (e.type === "button" ? "" : e.type)).trim();
    if (e.labels?.length) return [...e.labels].map((l) => said(l, true)).join(" ").trim();
    if (e.tagName === "FIELDSET") return said(e.querySelector("legend") ?? e).trim();
    if (e.tagName === "svg" && e.querySelector("title")) return e.querySelector("title").textContent.trim();
    if (fromContent.has(role(e)) && said(e)) return said(e);
    return (e.title || "").trim();
  }

  function names() {
    const rules = { button: "button-name", link: "link-name", dialog: "aria-dialog-name", alertdialog: "aria-dialog-name", img: "image-alt", progressbar: "aria-progressbar-name", meter: "aria-meter-name", tooltip: "aria-tooltip-name", treeitem: "aria-treeitem-name", heading: "empty-heading", menuitem: "aria-command-name", tab: "aria-command-name", option: "aria-command-name" };
    for (const r of ["checkbox", "combobox", "listbox", "radio", "searchbox", "slider", "spinbutton", "switch", "textbox"]) rules[r] = "label";
    for (const e of all("*", document.body)) {
      if (!heard(e)) continue;
      const rule = rules[role(e)] ?? (e.matches("input[type=file], input[type=color], input[type=date], input[type=password]") ? "label" : e.tagName === "IFRAME" ? "frame-title" : "");
      if (rule && !name(e)) found(rule, e, "it has no name");
      // WCAG 2.5.3: who speaks a label that they see must hit the element.
      if ((role(e) === "button" || role(e) === "link") && label(e)) {
        const plain = (s) => s.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
        const shown = plain(said(e));
        if (shown.length > 1 && !plain(label(e)).includes(shown)) found("label-content-name-mismatch", e, `its name "${label(e)}" lacks what is seen of it`);
      }
    }
  }

  // Attributes -----------------------------------------------------------------------

  function attributes() {
    const counted = new Map();
    const keys = new Map();
    for (const e of all("*")) {
      if (e.id) counted.set(e.id, [...(counted.get(e.id) ?? []), e]);
      if (e.accessKey) keys.set(e.accessKey.toLowerCase(), [...(keys.get(e.accessKey.toLowerCase()) ?? []), e]);
      if (e.tabIndex > 0) found("tabindex", e, "a tabindex over 0 breaks the order of the page");
      const given = e.getAttribute("role");
      if (given !== null && !explicit(e)) found("aria-roles", e, `there is no role "${given}"`);
      const r = role(e);
      for (const a of e.attributes) {
        if (!a.name.startsWith("aria-")) continue;
        const kind = a.name.slice(5);
        const takes = values[kind];
        if (!takes) { found("aria-valid-attr", e, `there is no ${a.name}`); continue; }
        if (!globals.has(kind) && !supported[r]?.has(kind)) found("aria-allowed-attr", e, `${a.name} is not for the role ${r}`);
        if ((kind === "label" || kind === "labelledby") && nameless.has(r)) found("aria-allowed-attr", e, `an element of the role ${r} cannot be named by ${a.name}`);
        const value = a.value.trim();
        if (takes === ids) {
          for (const id of tokens(e, a.name)) if (!document.getElementById(id)) found("aria-valid-attr-value", e, `${a.name} refers to "${id}", which is not there`);
        } else if (takes === integer ? !/^-?\d+$/.test(value) : takes === number ? value === "" || isNaN(value) : takes !== text && !takes.includes(value)) {
          found("aria-valid-attr-value", e, `${a.name}="${a.value}"`);
        }
      }
      if (explicit(e)) {
        const native = e.tagName === "SELECT" ? "expanded controls" : e.matches("input[type=checkbox], input[type=radio]") ? "checked" : /^H\d$/.test(e.tagName) ? "level" : "";
        for (const a of required[r] ?? []) if (!e.hasAttribute("aria-" + a) && !native.includes(a)) found("aria-required-attr", e, `the role ${r} needs aria-${a}`);
      }
      if (explicit(e) && heard(e)) {
        const up = e.parentElement.closest("[role]:not([role=none], [role=presentation]), ul, ol, menu, table, tr, select, tbody");
        if (parents[r] && !(up && parents[r].split(" ").includes(role(up)))) found("aria-required-parent", e, `the role ${r} belongs within ${parents[r]}`);
        if (children[r] && e.children.length > 0) {
          for (const c of e.children) if (heard(c) && !children[r].split(" ").includes(role(c)) && !c.matches("[role=none], [role=presentation]")) found("aria-required-children", c, `within the role ${r} stand ${children[r]} only`);
        }
      }
      if (e.getAttribute("aria-hidden") === "true") for (const f of [e, ...all("*", e)]) if (tabbable(f)) found("aria-hidden-focus", f, "it can have the focus, and is hidden from a screen reader");
      if (e.hasAttribute("autocomplete") && !/^(on|off|name|email|username|current-password|new-password|one-time-code|tel|url|given-name|family-name|organization|language|bday)$/.test(e.getAttribute("autocomplete"))) found("autocomplete-valid", e, `autocomplete="${e.getAttribute("autocomplete")}"`);
      if (interactive(e) && heard(e)) {
        const outer = e.parentElement?.closest("a[href], button, summary, [role=button], [role=link], [role=option], [role=checkbox], [role=tab], [role=menuitem], label");
        if (outer && !(outer.tagName === "LABEL" && outer.control === e)) found("nested-interactive", e, `it stands within ${where(outer)}`);
      }
    }
    for (const [id, elements] of counted) if (elements.length > 1) found("duplicate-id", elements[1], `${elements.length} elements have the id "${id}"`);
    for (const [key, elements] of keys) if (elements.length > 1) found("accesskeys", elements[1], `${elements.length} elements have the access key "${key}"`);
    if (document.body.getAttribute("aria-hidden") === "true") found("aria-hidden-body", document.body, "the whole page is hidden from a screen reader");
  }

  // A combobox and its list, by the pattern of the ARIA Authoring Practices.
  function combobox() {
    for (const e of all("[role=combobox]")) {
      const list = document.getElementById(tokens(e, "aria-controls")[0] ?? "");
      if (!list) continue; // told by aria-required-attr and aria-valid-attr-value
      const popup = e.getAttribute("aria-haspopup") ?? "listbox";
      if (role(list) !== popup) found("combobox", e, `it controls a ${role(list)} and says ${popup}`);
      const open = e.getAttribute("aria-expanded") === "true";
      if (open !== drawn(list)) found("combobox", e, open ? "it is expanded, and its list is hidden" : "its list is shown, and it is not expanded");
      if (open && all("[role=option]", list).length === 0) found("combobox", e, "its list is open and empty");
      const active = document.getElementById(e.getAttribute("aria-activedescendant") ?? "");
      if (active && (!list.contains(active) || role(active) !== "option")) found("combobox", e, "its active descendant is no option of its list");
      else if (active && active.getAttribute("aria-selected") !== "true") found("combobox", e, "its active option is not selected");
      if (!active && open && list.querySelector("[aria-selected=true]")) found("combobox", e, "an option is selected, and it names no active descendant");
    }
    for (const list of all("[role=listbox]")) if (drawn(list) && !name(list)) found("label", list, "it has no name");
  }

  // The page as a whole -----------------------------------------------------------

  function valid(lang) {
    try {
      return Intl.getCanonicalLocales(lang).length > 0 && new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(lang.split("-")[0]) !== undefined;
    } catch {
      return false;
    }
  }

  // foreign says why a text cannot be in a language, as far as its letters tell: a
  // name or two in another script are no change of language, a sentence is.
  function foreign(text, lang) {
    const count = (letters) => (text.match(letters) ?? []).length;
    const [cyrillic, latin] = [count(/\p{Script=Cyrillic}/gu), count(/\p{Script=Latin}/gu)];
    const [ukrainian, russian] = [count(/[іїєґ]/gi), count(/[ыэъё]/gi)];
    const words = text.trim().split(/\s+/).length;
    if (lang === "en" && cyrillic > 12 && cyrillic > latin && words > 2) return "it is in Cyrillic";
    if (words < 4) return "";
    if ((lang === "uk" || lang === "ru") && latin > 24 && cyrillic === 0) return "it is in Latin letters";
    if (lang === "uk" && russian > 1 && ukrainian === 0) return "it is Russian";
    if (lang === "ru" && ukrainian > 1 && russian === 0) return "it is Ukrainian";
    return "";
  }

  function document_() {
    const html = document.documentElement;
    if (!html.lang) found("html-has-lang", html, "the page has no language");
    else if (!valid(html.lang)) found("html-lang-valid", html, `there is no language "${html.lang}"`);
    for (const e of all("[lang]", document.body)) if (!valid(e.getAttribute("lang"))) found("valid-lang", e, `there is no language "${e.getAttribute("lang")}"`);
    if (!document.title.trim()) found("document-title", html, "the page has no title");
    const viewport = document.querySelector("meta[name=viewport]")?.content ?? "";
    const scale = parseFloat(/maximum-scale\s*=\s*([\d.]+)/.exec(viewport)?.[1] ?? "10");
    if (/user-scalable\s*=\s*(no|0)/.test(viewport) || scale < 5) found("meta-viewport", html, `it forbids to enlarge: ${viewport}`);
    if (document.querySelector("meta[http-equiv=refresh i]")) found("meta-refresh", html, "the page reloads by itself");

    if (all("main, [role=main]").length !== 1) found("landmark-one-main", html, `it has ${all("main, [role=main]").length} main landmarks`);
    const landmarks = new Map();
    for (const e of all("*", document.body)) {
      if (!heard(e) || !["banner", "complementary", "contentinfo", "form", "main", "navigation", "region", "search"].includes(role(e))) continue;
      const key = role(e) + " " + (["banner", "contentinfo", "main"].includes(role(e)) ? "" : name(e));
      if (landmarks.has(key)) found("landmark-unique", e, `another ${role(e)} has the same name`);
      landmarks.set(key, e);
    }
    let last = 0;
    const headings = all("h1, h2, h3, h4, h5, h6, [role=heading]").filter(heard);
    for (const e of headings) {
      const level = Number(e.getAttribute("aria-level") ?? e.tagName.slice(1));
      if (last > 0 && level > last + 1) found("heading-order", e, `a level ${level} after a level ${last}`);
      last = level;
    }
    const first = headings.filter((e) => e.tagName === "H1").length;
    if (first !== 1) found("page-has-heading-one", html, `it has ${first} headings of level 1`);

    for (const a of all(`a[href^="#"]:not([href^="#/"])`)) {
      const id = a.getAttribute("href").slice(1);
      if (heard(a) && id && !document.getElementById(id)) found("skip-link", a, `it leads to "${id}", which is not there`);
    }
    for (const e of all("ul, ol, menu")) {
      if (role(e) !== "list") continue;
      for (const n of e.childNodes) {
        if (n.nodeType === Node.TEXT_NODE ? n.data.trim() : n.nodeType === Node.ELEMENT_NODE && !n.matches("li, script, template")) found("list", e, "it holds more than li");
      }
    }
    for (const e of all("li")) if (role(e) === "listitem" && !(e.parentElement.matches("ul, ol, menu, [role=list]") && role(e.parentElement) === "list")) found("listitem", e, `its parent is a ${role(e.parentElement)}, no list`);
    for (const e of all("dl")) {
      for (const c of e.children) {
        const group = c.tagName === "DIV" ? [...c.children] : [c];
        if (group.some((g) => !g.matches("dt, dd, script, template")) || c.tagName === "DIV" && !(c.querySelector("dt") && c.querySelector("dd"))) found("definition-list", e, "it holds more than terms and their definitions");
      }
    }
    for (const e of all("dt, dd")) if (!e.parentElement.closest("dl")) found("dlitem", e, "it stands outside a dl");
  }

  // Text -----------------------------------------------------------------------------

  // texts are the elements with text of their own that can be seen, each with it.
  function texts(within) {
    const made = new Map();
    const walk = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
    for (let n; (n = walk.nextNode()); ) {
      if (n.data.trim() && seen(n.parentElement)) made.set(n.parentElement, [...(made.get(n.parentElement) ?? []), n]);
    }
    return made;
  }

  function languages() {
    const blocks = new Map();
    for (const [e, nodes] of texts(document.body)) {
      let block = e;
      while (getComputedStyle(block).display.startsWith("inline") && !block.hasAttribute("lang") && block.parentElement) block = block.parentElement;
      blocks.set(block, (blocks.get(block) ?? "") + " " + nodes.map((n) => n.data).join(" "));
    }
    for (const [e, text] of blocks) {
      const lang = e.closest("[lang]")?.lang.split("-")[0] ?? "";
      const why = foreign(text, lang);
      if (why) found("lang-of-parts", e, `${why}, within lang="${lang}"`);
    }
    for (const e of all("[placeholder], [aria-label], img[alt], [title]")) {
      if (!heard(e)) continue;
      const lang = e.closest("[lang]")?.lang.split("-")[0] ?? "";
      for (const a of ["placeholder", "aria-label", "alt", "title"]) {
        const why = foreign(e.getAttribute(a) ?? "", lang);
        if (why) found("lang-of-parts", e, `${a}: ${why}, within lang="${lang}"`);
      }
    }
  }

  // Colours are [red, green, blue] from 0 to 1, not multiplied, and an alpha.
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const colours = new Map();
  function colour(css) {
    if (!colours.has(css)) {
      const numbers = (css.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
      if (/^rgba?\(/.test(css)) colours.set(css, [...numbers.slice(0, 3).map((n) => n / 255), numbers[3] ?? 1]);
      else if (/^color\(srgb /.test(css)) colours.set(css, [...numbers.slice(0, 3), numbers[3] ?? 1]);
      else {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = css;
        canvas.fillRect(0, 0, 1, 1);
        colours.set(css, [...canvas.getImageData(0, 0, 1, 1).data].map((n) => n / 255));
      }
    }
    return colours.get(css);
  }
  const faded = ([r, g, b, a], by) => [r, g, b, a * by];
  function over([r1, g1, b1, a1], [r2, g2, b2, a2]) {
    const a = a1 + a2 * (1 - a1);
    const mix = (x, y) => (a === 0 ? 0 : (x * a1 + y * a2 * (1 - a1)) / a);
    return [mix(r1, r2), mix(g1, g2), mix(b1, b2), a];
  }
  // luminance and contrast are those of WCAG 2.2.
  function luminance([r, g, b]) {
    const [x, y, z] = [r, g, b].map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };
  const ground = () => (getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches || getComputedStyle(document.documentElement).colorScheme === "dark" ? [0.07, 0.07, 0.07, 1] : [1, 1, 1, 1]);

  // painted returns a colour as it comes out at a point of an element, and what is
  // behind it there: over all that is painted underneath, each with its opacity.
  // null where that holds a picture.
  function painted(element, ink, x, y) {
    const stack = document.elementsFromPoint(x, y);
    const at = stack.indexOf(element);
    const ancestors = [];
    for (let e = element; e; e = e.parentElement) ancestors.push(e);
    // What is not hit there is scrolled away, or lets the pointer through: then its
    // ancestors are what is behind it.
    const below = at >= 0 ? stack.slice(at) : ancestors;
    let [front, back] = [ink, [0, 0, 0, 0]];
    const up = [...ancestors];
    const fade = (until) => {
      while (up.length > 0) {
        const e = up.shift();
        const opacity = Number(getComputedStyle(e).opacity);
        [front, back] = [faded(front, opacity), faded(back, opacity)];
        if (e === until) return;
      }
    };
    for (const e of below) {
      const style = getComputedStyle(e);
      const own = ancestors.includes(e);
      if (own) while (up.length > 0 && up[0] !== e) fade(up[0]);
      if (back[3] < 0.999) {
        if (style.backgroundImage !== "none" || (e !== element && /^(IMG|VIDEO|CANVAS)$/.test(e.tagName))) return null;
        let layer = colour(style.backgroundColor);
        if (!own) for (let p = e; p && !ancestors.includes(p); p = p.parentElement) layer = faded(layer, Number(getComputedStyle(p).opacity));
        [front, back] = [over(front, layer), over(back, layer)];
      }
      if (own) fade(e);
    }
    while (up.length > 0) fade(up[0]);
    return [over(front, ground()), over(back, ground())];
  }

  function measured(rule, element, ink, rect, want, what) {
    const pair = painted(element, ink, rect.left + rect.width / 2, rect.top + rect.height / 2);
    if (!pair) return found(rule, element, `${what} stands over a picture`);
    const got = contrast(...pair);
    if (got < want - 0.005) found(rule, element, `${what} has a contrast of ${round(got)}, less than ${want}`);
  }

  function ofText(e) {
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize);
    return size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700 ? 3 : 4.5;
  }

  // written is where the first line of an element's own text stands.
  function written(nodes) {
    const line = document.createRange();
    line.selectNodeContents(nodes[0]);
    return [...line.getClientRects()].find((r) => r.width > 0) ?? nodes[0].parentElement.getBoundingClientRect();
  }

  function contrasts() {
    for (const [e, nodes] of texts(stage)) {
      if (disabled(e) || e.tagName === "OPTION" || !/[\p{L}\p{N}]/u.test(nodes.map((n) => n.data).join(""))) continue;
      measured("color-contrast", e, colour(getComputedStyle(e).color), written(nodes), ofText(e), "the text");
    }
    for (const e of all("input:not([type=hidden], [type=file], [type=checkbox], [type=radio], [type=range]), textarea, select", stage)) {
      if (!seen(e) || disabled(e)) continue;
      if (e.placeholder && !e.value) {
        const style = getComputedStyle(e, "::placeholder");
        measured("color-contrast", e, faded(colour(style.color), Number(style.opacity)), e.getBoundingClientRect(), ofText(e), "the placeholder");
      }
      measured("color-contrast", e, colour(getComputedStyle(e).color), e.getBoundingClientRect(), ofText(e), "what is written in it");
    }
    // WCAG 1.4.11: the picture on a button that has no words is all that says what it is.
    for (const e of all("button, a[href], summary", stage)) {
      const icon = e.querySelector("svg");
      if (!icon || !seen(icon) || disabled(e) || [...texts(e).keys()].length > 0) continue;
      const style = getComputedStyle(icon);
      measured("non-text-contrast", icon, colour(style.stroke === "none" ? style.fill : style.stroke), icon.getBoundingClientRect(), 3, "the icon");
    }
  }

  // inline tells a link or button that stands in a sentence.
  function inline(e) {
    if (!getComputedStyle(e).display.startsWith("inline")) return false;
    const block = e.parentElement.closest(":not(a, b, strong, em, i, u, s, span, code, small)") ?? e.parentElement;
    return (block.textContent ?? "").replace(e.textContent, "").trim() !== "";
  }

  // WCAG 1.4.1: within a text a link is not told by its colour alone, unless that
  // stands out by 3:1.
  function links() {
    for (const e of all("a[href], button", stage)) {
      if (!seen(e) || !inline(e)) continue;
      const [own, around] = [getComputedStyle(e), getComputedStyle(e.parentElement)];
      const told = own.textDecorationLine !== around.textDecorationLine || own.fontWeight !== around.fontWeight || parseFloat(own.borderBottomWidth) > 0 && own.borderBottomStyle !== "none" || own.backgroundColor !== "rgba(0, 0, 0, 0)" || own.fontFamily !== around.fontFamily;
      if (!told && contrast(colour(own.color), colour(around.color)) < 3) found("link-in-text-block", e, "it is told from the text around it by its colour alone");
    }
  }

  // Keyboard and pointer -----------------------------------------------------------------

  // What a focus may change on or near an element that has it.
  const traits = (e) => { const s = getComputedStyle(e); return { outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 ? s.outlineColor + " " + s.outlineWidth : "", offset: parseFloat(s.outlineOffset), shadow: s.boxShadow }; };

  function focus() {
    const before = document.activeElement;
    const scrolled = all("*").filter((e) => e.scrollTop || e.scrollLeft).map((e) => [e, e.scrollTop, e.scrollLeft]);
    for (const e of all("*", stage)) {
      if (!tabbable(e) || !heard(e)) continue;
      document.activeElement?.blur();
      const near = [e, ...all("*", e).slice(0, 20)];
      for (let p = e.parentElement, i = 0; p && i < 3; p = p.parentElement, i++) near.push(p);
      const was = near.map(traits);
      e.focus({ preventScroll: true, focusVisible: true });
      if (document.activeElement !== e) continue;
      if (!seen(e)) { found("focus-visible", e, "it can have the focus and is not to be seen"); continue; }
      let best = 0;
      near.forEach((n, i) => {
        const now = traits(n);
        const outline = now.outline && now.outline !== was[i].outline;
        const shadow = now.shadow !== "none" && now.shadow !== was[i].shadow;
        if (!outline && !shadow) return;
        const ink = colour(outline ? getComputedStyle(n).outlineColor : /^(rgba?\([^)]*\)|color\([^)]*\))/.exec(now.shadow)?.[0] ?? "transparent");
        const ground = outline && now.offset < 0 ? n : n.parentElement;
        const r = n.getBoundingClientRect();
        const pair = painted(ground, ink, r.left + 1, r.top + 1);
        if (pair) best = Math.max(best, contrast(...pair));
      });
      if (best === 0) found("focus-visible", e, "nothing shows that it has the focus");
      else if (best < 2.995) found("focus-visible", e, `what shows the focus has a contrast of ${round(best)}, less than 3`);
    }
    before?.focus?.({ preventScroll: true });
    if (before === document.body) document.activeElement?.blur();
    for (const [e, top, left] of scrolled) e.scrollTo({ top, left, behavior: "instant" });
  }

  function scrollers() {
    for (const e of all("*", stage)) {
      const s = getComputedStyle(e);
      if (!/auto|scroll/.test(s.overflowX + s.overflowY) || !seen(e) || e.tagName === "TEXTAREA") continue;
      const down = /auto|scroll/.test(s.overflowY) && e.scrollHeight > e.clientHeight + 2;
      const aside = /auto|scroll/.test(s.overflowX) && e.scrollWidth > e.clientWidth + 2;
      // The list of a combobox follows the option that is chosen.
      if ((down || aside) && role(e) !== "listbox" && !tabbable(e) && !all("*", e).some((d) => tabbable(d) && heard(d))) found("scrollable-region-focusable", e, "it scrolls, and a keyboard does not reach it");
    }
  }

  // WCAG 2.5.8: 24 by 24 pixels, or as much room around the middle of it.
  function targets() {
    const shown = all("*", stage).filter((e) => interactive(e) && seen(e) && !disabled(e) && !inline(e));
    const boxes = shown.map((e) => e.getBoundingClientRect());
    shown.forEach((e, i) => {
      const b = boxes[i];
      if (b.width >= 23.9 && b.height >= 23.9) return;
      const [x, y] = [b.left + b.width / 2, b.top + b.height / 2];
      const crowded = boxes.some((o, j) => {
        if (j === i || shown[j].contains(e) || e.contains(shown[j])) return false;
        const small = o.width < 23.9 || o.height < 23.9;
        if (small) return Math.hypot(o.left + o.width / 2 - x, o.top + o.height / 2 - y) < 24;
        return Math.hypot(Math.max(o.left - x, 0, x - o.right), Math.max(o.top - y, 0, y - o.bottom)) < 12;
      });
      if (crowded) found("target-size", e, `it is ${round(b.width)} by ${round(b.height)} pixels, with no room around it`);
    });
  }

  // Room ------------------------------------------------------------------------------------

  // room tells what cannot be read, however one scrolls: beyond the window, or cut
  // by a box that does not scroll.
  function room(rule) {
    const html = document.documentElement;
    if (html.scrollWidth > html.clientWidth + 1) found(rule, html, `the page is ${html.scrollWidth} pixels wide in a window of ${html.clientWidth}`);
    const boxed = new Map();
    for (const [e, nodes] of texts(stage)) {
      const line = document.createRange();
      boxed.set(e, nodes.flatMap((n) => { line.selectNodeContents(n); return [...line.getClientRects()].filter((r) => r.width > 1); }));
    }
    for (const e of all(natively + ", img", stage)) if (seen(e) && !boxed.has(e)) boxed.set(e, [e.getBoundingClientRect()]);
    for (const [e, rects] of boxed) {
      if (e.matches(`a[href^="#"]`) && getComputedStyle(e).position === "absolute" && e.getBoundingClientRect().bottom <= 0) continue; // a skip link that waits
      if (e.tagName === "OPTION") continue;
      for (const rect of rects) if (cut(e, rect, rule)) break;
    }
    for (const e of all("*", stage)) {
      const s = getComputedStyle(e);
      if (!/auto|scroll/.test(s.overflowY) || !drawn(e) || e.scrollHeight <= e.clientHeight + 2 || !e.textContent.trim()) continue;
      if (e.clientHeight < 3 * parseFloat(s.fontSize)) found(rule, e, `what scrolls has a height of ${e.clientHeight} pixels`);
    }
  }

  function cut(element, rect, rule) {
    let { left, right, top, bottom } = rect;
    let fixed = false, escaping = false;
    for (let e = element; e && e !== document.documentElement; e = e.parentElement) {
      const s = getComputedStyle(e);
      const clips = !fixed && !(escaping && s.position === "static") && e !== document.body && (e !== element || !/^(IMG|SELECT|INPUT|TEXTAREA|BUTTON)$/.test(e.tagName)) && s.display !== "inline";
      if (clips) {
        escaping = false;
        const box = e.getBoundingClientRect();
        const [l, t] = [box.left + e.clientLeft, box.top + e.clientTop];
        const [r, b] = [l + e.clientWidth, t + e.clientHeight];
        const [x, y] = [s.overflowX, s.overflowY];
        if (/hidden|clip/.test(x) && (left < l - 1 || right > r + 1)) {
          if (s.textOverflow !== "ellipsis") { found(rule, element, `it is cut aside by ${where(e)}`); return true; }
          [left, right] = [Math.max(left, l), Math.min(right, r)];
        }
        if (/hidden|clip/.test(y) && (top < t - 2 || bottom > b + 2)) { found(rule, element, `it is cut above or below by ${where(e)}`); return true; }
        if (/auto|scroll/.test(x)) {
          if (left + e.scrollLeft < l - 1) { found(rule, element, `it lies where ${where(e)} does not scroll to`); return true; }
          [left, right] = [Math.max(l, Math.min(left, r)), Math.min(r, Math.max(right, l))];
        }
        if (/auto|scroll/.test(y)) {
          if (top + e.scrollTop < t - 2) { found(rule, element, `it lies where ${where(e)} does not scroll to`); return true; }
          [top, bottom] = [Math.max(t, Math.min(top, b)), Math.min(b, Math.max(bottom, t))];
        }
      }
      if (s.position === "fixed" || e === modal) fixed = true;
      if (s.position === "absolute") escaping = true;
    }
    const [html, body] = [document.documentElement, document.body].map((e) => getComputedStyle(e));
    const still = fixed || /hidden|clip/.test(html.overflowY) || html.overflowY === "visible" && /hidden|clip/.test(body.overflowY);
    if (left < -1 || right > innerWidth + 1) { found(rule, element, `it stands beyond the window: from ${round(left)} to ${round(right)} of ${innerWidth}`); return true; }
    if (still && (top < -1 || bottom > innerHeight + 1)) { found(rule, element, `it stands beyond the window: from ${round(top)} to ${round(bottom)} of ${innerHeight} downwards`); return true; }
    return false;
  }

  // enlarged looks for room with text of twice the size (WCAG 1.4.4).
  function enlarged() {
    const html = document.documentElement;
    const scrolled = all("*").filter((e) => e.scrollTop || e.scrollLeft).map((e) => [e, e.scrollTop, e.scrollLeft]);
    const was = html.style.fontSize;
    html.style.fontSize = "200%";
    room("resize-text");
    html.style.fontSize = was;
    for (const [e, top, left] of scrolled) e.scrollTo({ top, left, behavior: "instant" });
  }

  document_();
  attributes();
  names();
  combobox();
  languages();
  contrasts();
  links();
  targets();
  scrollers();
  room("reflow");
  enlarged();
  focus();
  return findings;
})()

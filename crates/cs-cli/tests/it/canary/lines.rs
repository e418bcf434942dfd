//! What is tried of each command: what goes well, and what does not.

/// The commands, and how they are called. `serve`, which runs on, has a test of its own.
pub(super) const LINES: &[(&str, &[&str])] = &[
    (
        "apply",
        &[
            "apply shop.toml --yes",
            "apply shop.toml --yes --all-stacks",
            "apply - --yes",
            "apply missing.toml",
        ],
    ),
    ("plan", &["plan shop.toml --check", "plan shop.toml --all-stacks", "plan -"]),
    ("export", &["export", "export --all-stacks"]),
    ("delivery list", &["delivery list", "delivery list --all-stacks"]),
    (
        "delivery get",
        &[
            "delivery get shop-production",
            "delivery get shop-production --env-file planted.env --variable TAKEN",
        ],
    ),
    (
        "delivery create",
        &[
            "delivery create web --environment production --branch main --env-file made.env --variable WEB",
            "delivery create web2 --environment production --branch main --env-file planted.env --variable TAKEN",
            "delivery create web --environment mars",
        ],
    ),
    ("delivery update", &["delivery update web --description x", "delivery update nobody --description x"]),
    ("preview create", &["preview create web --env-file made.env --variable P", "preview create nobody"]),
    ("preview delete", &["preview delete web --yes", "preview delete web --yes --with-management-token"]),
    ("delivery delete", &["delivery delete web --yes", "delivery delete nobody --yes"]),
    ("management list", &["management list", "management list --all-stacks"]),
    ("management get", &["management get shop-ci", "management get nobody"]),
    (
        "management create",
        &[
            "management create ci --scope entry:r --branch main --env-file made.env --variable CI",
            "management create ci --scope nothing:r --branch main --env-file planted.env --variable TAKEN",
        ],
    ),
    ("management update", &["management update ci --description x"]),
    ("management delete", &["management delete ci --yes", "management delete nobody --yes"]),
    ("whoami", &["whoami", "whoami --all-stacks"]),
    (
        "doctor",
        &["doctor --branch main", "doctor --body planted-answer.json --status 401", "doctor --body -"],
    ),
    (
        "can",
        &[
            "can GET /v3/user --as delivery",
            "can GET /v3/content_types --token planted.json#a",
            "can --list --as-token shop-ci",
        ],
    ),
    ("who-can", &["who-can GET /v3/content_types", "who-can GET /v3/nowhere"]),
    ("lint", &["lint", "lint planted.json", "lint shop.toml --format sarif", "lint -"]),
    ("diff", &["diff planted.json#a planted.json#b", "diff planted.json#a shop-production", "diff x y"]),
    ("policy test", &["policy test test.toml", "policy test -"]),
    ("policy export", &["policy export --format json"]),
    ("policy show", &["policy show management.scope_grants", "policy show nothing"]),
    ("completions", &["completions bash"]),
    ("man", &["man --dir pages"]),
    ("login", &["login owner@demo.invalid"]),
    ("logout", &["logout"]),
];

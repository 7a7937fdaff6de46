//! What the prompt can complete, looked up without running any of the program's code.

use std::collections::BTreeMap;

use countless_vm::object::attribute;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::type_object::TypeObject;

use crate::report::settle;

/// Python's keywords, the soft ones included.
const KEYWORDS: [&str; 39] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "type", "while", "with", "yield", "_",
];

/// Names, and for those of the program the attributes of their values.
#[derive(Default)]
pub struct Names {
    plain: Vec<String>,
    attributes: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// What a begun word can become.
    pub fn matches(&self, word: &str) -> Vec<String> {
        let mut found: Vec<String> = match word.rsplit_once('.') {
            None => self.plain.iter().filter(|name| name.starts_with(word)).cloned().collect(),
            Some((object, begun)) => {
                let names = self.attributes.get(object).map_or(&[][..], Vec::as_slice);
                let fits = |name: &&String| name.starts_with(begun) && (!begun.is_empty() || !name.starts_with('_'));
                names.iter().filter(fits).map(|name| format!("{object}.{name}")).collect()
            }
        };
        found.sort();
        found.dedup();
        found
    }
}

/// The names that are visible in `__main__`.
pub fn visible(cx: &Cx) -> Names {
    let mut names = Names { plain: KEYWORDS.map(str::to_owned).to_vec(), attributes: BTreeMap::new() };
    keys(cx.builtins_dict(), &mut names.plain);
    let main = settle(cx, cx.sys_modules()).and_then(|modules| settle(cx, modules.get_name(cx, cx.names().__main__)));
    let Some(main) = main.flatten().and_then(|main| main.downcast::<Module>(cx)) else { return names };
    for (name, value) in main.dict().iter() {
        if let Some(name) = name.exact::<Str>() {
            let name = name.as_wtf8().to_string_lossy();
            names.attributes.insert(name.clone(), attributes_of(cx, value));
            names.plain.push(name);
        }
    }
    names
}

fn keys(dict: Ref<Dict>, names: &mut Vec<String>) {
    let strings = dict.iter().filter_map(|(name, _)| name.exact::<Str>());
    names.extend(strings.map(|name| name.as_wtf8().to_string_lossy()));
}

fn attributes_of(cx: &Cx, value: Value) -> Vec<String> {
    let mut names = Vec::new();
    let class: Ref<TypeObject> = match (value.downcast::<Module>(cx), value.as_class(cx)) {
        (Some(module), _) => {
            keys(module.dict(), &mut names);
            return names;
        }
        (None, Some(class)) => class,
        (None, None) => {
            attribute::instance_attributes(cx, value, &mut |name, _| {
                names.extend(name.exact::<Str>().map(|name| name.as_wtf8().to_string_lossy()));
            });
            cx.type_of(value)
        }
    };
    class.linearization().for_each(|base| keys(base.dict(), &mut names));
    names
}

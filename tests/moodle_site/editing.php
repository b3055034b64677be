<?php
// Edits to the course named COURSE, done as the pages of Moodle do them.

defined('MOODLE_INTERNAL') || die();

function module(string $name, string $course = COURSE): cm_info {
    foreach (get_fast_modinfo(course($course))->cms as $cm) {
        if ($cm->name === $name) {
            return $cm;
        }
    }
    throw new coding_exception("no module $name");
}

function section(string $name): stdClass {
    global $DB;
    return $DB->get_record('course_sections', ['course' => course(COURSE)->id, 'name' => $name], '*', MUST_EXIST);
}

/** Save a module's form with some values changed, as its settings page does. */
function save_module(string $name, array $values): void {
    $cm = get_coursemodule_from_id('', module($name)->id, 0, false, MUST_EXIST);
    $data = get_moduleinfo_data($cm, course(COURSE))[3];
    $data->introeditor = ['text' => $data->intro ?? '', 'format' => FORMAT_HTML, 'itemid' => file_get_unused_draft_itemid()];
    if ($data->modulename === 'page') {
        $data->page = ['text' => $data->content, 'format' => FORMAT_HTML, 'itemid' => file_get_unused_draft_itemid()];
    }
    if (in_array($data->modulename, ['resource', 'folder'])) {
        $data->files = draft_of(module($name));
    }
    foreach ($values as $key => $value) {
        $data->$key = $value;
    }
    // A folder takes its files from the submitted form.
    $_POST = $_REQUEST = ['files' => $data->files ?? 0, 'sesskey' => sesskey()];
    update_moduleinfo($cm, $data, course(COURSE));
}

function draft_of(cm_info $cm): int {
    $draft = 0;
    file_prepare_draft_area($draft, $cm->context->id, "mod_{$cm->modname}", 'content', 0, ['subdirs' => true]);
    return $draft;
}

/** Change the files of a module through a draft area, as its settings page does. */
function save_files(string $name, callable $change): void {
    global $USER;
    $draft = draft_of(module($name));
    $place = ['contextid' => context_user::instance($USER->id)->id, 'component' => 'user', 'filearea' => 'draft', 'itemid' => $draft];
    $change(get_file_storage(), $place);
    save_module($name, ['files' => $draft]);
}

function drop_file(file_storage $files, array $place, string $path, string $name): void {
    $files->get_file($place['contextid'], 'user', 'draft', $place['itemid'], $path, $name)->delete();
}

function restrict(string $name, ?array ...$conditions): void {
    $tree = $conditions ? json_encode(['op' => '&', 'c' => $conditions, 'showc' => array_fill(0, count($conditions), true)]) : '';
    save_module($name, ['availabilityconditionsjson' => $tree]);
}

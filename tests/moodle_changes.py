"""What each change in Moodle leads to on the server, in signs and words of the plan; `tests/moodle_site` makes it."""

from collections.abc import Mapping

PEOPLE: Mapping[str, list[str]] = {
    "enrol-student": [
        "~ member Жанар Үсенова: +Алгебра 7 & геометрия",
    ],
    "unenrol-student": [
        "~ member Гүлнар Һамит: -Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия, -Мектеп мүшесі",
    ],
    "suspend-enrolment": [
        "~ member Гүлнар Һамит: -Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия, -Мектеп мүшесі",
    ],
    "reactivate-enrolment": [
        "~ member Лаура Ермек: +Алгебра 7 & геометрия, +Мектеп мүшесі",
    ],
    "end-enrolment": [
        "~ member Гүлнар Һамит: -Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия, -Мектеп мүшесі",
    ],
    "suspend-account": [
        "~ member Дана Ким: -Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия, -Тарих, -Мектеп мүшесі",
    ],
    "unsuspend-account": [
        "~ member Сұлтан Бағатқызы: +Алгебра 7 & геометрия, +Мектеп мүшесі",
    ],
    "delete-account": [
        "~ member Дана Ким: -Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия, -Тарих, -Мектеп мүшесі",
    ],
    "rename-person": [
        "~ member Айгүл Ахметова: nick",
    ],
    "change-discord": [
        (
            "~ member Айгүл Сейтқали: -Алгебра 7 & геометрия · 7А, -Алгебра 7 & геометрия, "
            "-Физика 8 (қаз) · 8А, -Физика 8 (қаз), -Тарих, -Мектеп мүшесі"
        ),
        (
            "~ member Айгүл Сейтқали: +Алгебра 7 & геометрия · 7А, +Алгебра 7 & геометрия, "
            "+Физика 8 (қаз) · 8А, +Физика 8 (қаз), +Тарих, +Мектеп мүшесі, nick"
        ),
    ],
    "empty-discord": [],
    "change-department": [],
    "add-teacher-role": [
        "~ member Дмитрий Иванов: +Алгебра 7 & геометрия · мұғалімдер",
    ],
    "student-to-assistant": [
        "~ member Дмитрий Иванов: +Алгебра 7 & геометрия · мұғалімдер, -Алгебра 7 & геометрия",
    ],
    "move-to-other-group": [
        "~ member Айгүл Сейтқали: +Алгебра 7 & геометрия · 7Ә, -Алгебра 7 & геометрия · 7А",
    ],
    "leave-group": [
        "~ member Әсем Қайратқызы: -Алгебра 7 & геометрия · 7А",
    ],
    "rename-group": [
        "~ role Алгебра 7 & геометрия · 7В: name",
        "~ channel 7в: name",
    ],
    "create-group": [
        "+ role Алгебра 7 & геометрия · Олимпиада",
        "+ channel олимпиада",
        "+ post Кез келген топ",
        "+ pin Кез келген топ",
        "~ order order/roles: keys",
    ],
    "delete-group": [
        "+ category Мұрағат",
        "~ channel 7ә: overwrites, parent",
        "~ member Бекзат Оспанов: -Алгебра 7 & геометрия · 7Ә",
        "~ member Дана Ким: -Алгебра 7 & геометрия · 7Ә",
        "~ member Гүлнар Һамит: -Алгебра 7 & геометрия · 7Ә",
        "- role Алгебра 7 & геометрия · 7Ә",
    ],
    "empty-group": [
        "~ member Айгүл Сейтқали: -Физика 8 (қаз) · 8А",
        "~ member Жанар Үсенова: -Физика 8 (қаз) · 8А",
    ],
}
PAGES: Mapping[str, list[str]] = {
    "rename-section": [
        "~ channel дәреже-және-түбір: name, topic",
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
        "~ index Дәреже және түбір: digest",
    ],
    "move-section": [
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
        "~ order order/channels: keys",
    ],
    "hide-section": [
        "~ channel дәрежелер: overwrites",
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
    ],
    "show-section": [
        "~ channel жасырын-бөлім: overwrites",
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
        "+ post Жасырын бөлімдегі бет",
        "+ index Жасырын бөлім",
        "+ pin Жасырын бөлімдегі бет",
        "+ pin Жасырын бөлім",
    ],
    "add-section": [
        "+ channel жаңа-бөлім",
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
        "~ order order/channels: keys",
    ],
    "delete-section": [
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
        "+ category Мұрағат",
        "~ channel функция: overwrites, parent",
    ],
    "restrict-section": [
        "~ channel дәрежелер: overwrites",
        "~ index Курсқа шолу: Алгебра 7 & геометрия: digest",
    ],
    "rename-module": [
        "~ post Тест 1 (қайта): digest",
        "~ index Функция: digest",
    ],
    "move-module": [
        "~ post Тест 1: channel",
        "~ index Дәрежелер: digest",
        "~ pin Тест 1: channel",
        "~ pin Дәрежелер: lifted",
        "~ index Функция: digest",
    ],
    "reorder-module": [
        "~ index Дәрежелер: digest",
    ],
    "hide-module": [
        "~ index Функция: digest",
        "~ post Тест 1: retired",
        "- pin Тест 1",
    ],
    "show-module": [
        "+ post Жасырын бет",
        "~ index Функция: digest",
        "+ pin Жасырын бет",
        "~ pin Функция: lifted",
    ],
    "make-module-stealth": [
        "~ index Функция: digest",
        "~ post Тест 1: retired",
        "- pin Тест 1",
    ],
    "restrict-module-by-date": [
        "~ index Шектеулер: digest",
        "~ post Шектеусіз: retired",
        "- pin Шектеусіз",
    ],
    "restrict-module-to-group": [
        "~ index Шектеулер: digest",
        "+ post Шектеусіз",
        "+ pin Шектеусіз",
        "~ post Шектеусіз: retired",
        "- pin Шектеусіз",
    ],
    "restrict-module-by-completion": [
        "~ index Шектеулер: digest",
        "~ post Маусымға дейін: retired",
        "- pin Маусымға дейін",
    ],
    "unrestrict-module": [
        "+ post Тек 7А",
        "~ index Шектеулер: digest",
        "+ pin Тек 7А",
        "~ pin Шектеулер: lifted",
        "~ post Тек 7А: retired",
        "- pin Тек 7А",
    ],
    "delete-module": [
        "~ index Функция: digest",
        "~ post Тест 1: retired",
        "- pin Тест 1",
    ],
    "add-module": [
        "+ post Жаңа бет",
        "~ index Дәрежелер: digest",
        "+ pin Жаңа бет",
        "~ pin Дәрежелер: lifted",
    ],
    "change-due-date": [
        "~ post Үй жұмысы 1: digest",
        "~ index Дәрежелер: digest",
    ],
    "change-quiz-dates": [
        "~ post Тест 1: digest",
        "~ index Функция: digest",
    ],
    "change-link": [
        "~ post Бейне: дәрежелер: digest",
    ],
    "change-label": [
        "~ post Жаңа хабар!: digest",
        "~ index General: digest",
    ],
    "swap-file": [
        "~ post Дәріс 1 — дәрежелер: digest",
    ],
    "upload-same-file-again": [],
    "save-without-change": [],
    "add-file": [
        "~ post Үлестірме материалдар: digest",
    ],
    "remove-file": [
        "~ post Үлестірме материалдар: digest",
    ],
    "rename-course": [
        "~ role Алгебра 7 (тереңдетілген) · мұғалімдер: name",
        "~ role Алгебра 7 (тереңдетілген): name",
        "~ role Алгебра 7 (тереңдетілген) · 7А: name",
        "~ role Алгебра 7 (тереңдетілген) · 7Ә: name",
        "~ category Алгебра 7 (тереңдетілген): name",
        "~ index Курсқа шолу: Алгебра 7 (тереңдетілген): digest",
    ],
    "hide-course": [
        "~ category Биология 9: overwrites",
        "~ channel topic-1: overwrites",
    ],
    "show-course": [
        "~ category Тарих: overwrites",
        "~ channel topic-1: overwrites",
        "+ post Кіріспе: TARIH",
        "+ index Topic 1",
        "+ pin Кіріспе: TARIH",
        "+ pin Topic 1",
        "~ pin Курсқа шолу: Тарих: lifted",
    ],
    "delete-course": [
        "+ category Мұрағат",
        "~ channel topic-1: overwrites, parent, topic",
        "~ order order/roles: keys",
        "- category Биология 9",
    ],
    "end-course": [
        "+ category Мұрағат",
        "~ channel topic-1: overwrites, parent, topic",
        "~ order order/roles: keys",
        "- category Биология 9",
    ],
    "move-course": [
        "~ order order/roles: keys",
        "~ order order/channels: keys",
    ],
    "create-course": [
        "+ role Химия 8 · мұғалімдер",
        "+ role Химия 8",
        "+ category Химия 8",
        "+ channel general",
        "+ channel topic-1",
        "+ index Курсқа шолу: Химия 8",
        "+ post Announcements",
        "+ index General",
        "+ pin Announcements",
        "+ pin General",
        "+ pin Курсқа шолу: Химия 8",
        "+ post Заттар",
        "+ index Topic 1",
        "+ pin Заттар",
        "+ pin Topic 1",
        "~ member Ольга Шевченко: +Химия 8 · мұғалімдер",
        "~ member Жанар Үсенова: +Химия 8",
        "~ order order/roles: keys",
        "~ order order/channels: keys",
    ],
    "purge-caches": [],
    "post-in-forum": [],
    "grade-assignment": [],
    "edit-chapter": [],
}

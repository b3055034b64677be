"""Headers and roles as people spell them in English, Russian and Kazakh. Pure tables; `dialects` look words up here."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sync.records import CourseRole
from sync.texts import N_


@lru_cache(4096)
def key(header: str) -> str:
    """Return the form in which headers are compared: letters and digits only, case and ё ignored."""
    text = unicodedata.normalize("NFC", header).casefold().replace("ё", "е")
    return "".join(character for character in text if character.isalnum())


def _keys(words: str) -> frozenset[str]:
    return frozenset(key(word) for word in words.split(","))


PERSON_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "name": _keys(
            "name,full name,fullname,student,student name,participant,person name,аты-жөні,аты жөні,толық аты,"
            "тегі аты,тегі аты-жөні,тегі-аты,тегі және аты,аты-жөні тегі,аты және тегі,аты тегі,тек аты,"
            "толық аты-жөні,оқушы,оқушының аты-жөні,оқушының тегі аты,оқушы аты-жөні,оқушының ТАӘ,оқушының толық аты,"
            "қатысушы,қатысушының аты-жөні,студенттің аты-жөні,тыңдаушының аты-жөні,мұғалімнің аты-жөні,"
            "тыңдаушы,студент,білім алушы,ФИО,Ф.И.О,фио ученика,фио студента,фио слушателя,ученик,"
            "слушатель,участник,имя и фамилия,фамилия и имя,фамилия имя,имя фамилия,фамилия имя отчество,"
            "полное имя,ТАӘ,Т.А.Ә,аттегі,ат-жөні,учащийся,обучающийся,фио учащегося,фио обучающегося,фио участника,"
            "фио учителя,фио преподавателя,фио педагога,learner,pupil,name and surname,name surname"
        ),
        "family": _keys("last name,lastname,surname,family name,familyname,тегі,тек,фамилия,фамилиясы"),
        "given": _keys("first name,firstname,given name,givenname,аты,есімі,есім,имя"),
        "middle": _keys("middle name,middlename,patronymic,әкесінің аты,әкесінің есімі,отчество"),
        "email": _keys(
            "email,e-mail,mail,email address,e-mail address,пошта,почта,эл пошта,эл. почта,электрондық пошта,"
            "электронды пошта,электрондық пошта мекенжайы,электронная почта,адрес электронной почты,"
            "gmail,имейл,емейл,мейл,мэйл,email адрес,почтасы,поштасы,электрондық мекенжай,электронный адрес,эл адрес,"
            "адрес эл почты,эл пошта мекенжайы,электрондық пошта адресі,эл пошта адресі,email мекенжайы"
        ),
        "discord": _keys(
            "discord,discord username,discord user,discord id,discord name,discord аты,дискорд,дискорд аты,дискорды,"
            "никнейм discord,дискорд никнейм,ник discord,ник в discord,"
            "ник в дискорде,имя в дискорде,имя в discord,дискорд ник,дискордтағы аты,discord ник,discord имя,"
            "имя пользователя discord,имя пользователя в discord,логин discord,discord логин,аккаунт discord,"
            "discord аккаунт,discord account,discord handle,discord пайдаланушы аты,discord-тағы аты,discord nickname"
        ),
    }
)

SCHOOL_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "id": _keys(
            "id,person id,user id,student id,код,ид,идентификатор,табельный номер,жеке нөмірі,"
            "идентификатор ученика,оқушы нөмірі,коды"
        ),
        "person": _keys("person,user,тұлға,адам,пайдаланушы,человек,пользователь,persona"),
        "course": _keys(
            "course,course id,course title,course name,subject,курс,курс атауы,курстың атауы,курсы,название курса,"
            "сабақ,сабақ атауы,пәндер,пән,пән атауы,пәні,пәннің атауы,предмет,дисциплина,название предмета,пән аты"
        ),
        "class": _keys("class,сынып,сыныбы,класс,сынып атауы,grade class,класы,класс группа,сынып топ"),
        "group": _keys(
            "group,groups,section,оқу тобы,учебная группа,топ,тобы,топ атауы,топтар,группа,группы,подгруппа,кіші топ"
        ),
        "role": _keys("role,рөл,рөлі,роль,рол,ролі,мәртебесі,роль в курсе,роль на курсе,курстағы рөлі,course role"),
        "start": _keys(
            "start,start date,from,begin,begin date,басталуы,басы,басталу күні,басталған күні,начало,дата начала,"
            "с даты,бастап"
        ),
        "end": _keys("end,end date,until,аяқталуы,соңы,аяқталу күні,конец,окончание,дата окончания,по дату,дейін"),
        "suspended": _keys("suspended,тоқтатылған,приостановлен,заблокирован"),
    }
)

COURSE_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "id": _keys("id,course id,код,код курса,курс коды,пән коды,ид,идентификатор,коды,shortname,short name"),
        "title": _keys(
            "title,name,course,course title,course name,атауы,аты,курс,курс атауы,курстың атауы,пән,пән атауы,"
            "название,наименование,название курса,предмет,тақырыбы,fullname"
        ),
    }
)

MATERIAL_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "id": _keys("id,material id,код,ид,идентификатор,коды"),
        "course": SCHOOL_COLUMNS["course"],
        "module": _keys(
            "module,unit,section,topic,week,модуль,модулі,бөлім,бөлімі,тарау,раздел,тема,неделя,апта,тақырып модулі"
        ),
        "title": _keys(
            "title,name,material,material title,атауы,материал,материал атауы,тақырыбы,тақырып,название,наименование,"
            "название материала"
        ),
        "url": _keys("url,link,address,сілтеме,сілтемесі,ссылка,адрес,веб-адрес"),
        "file": _keys("file,filename,file name,файл,файл атауы,имя файла,файлы"),
        "type": _keys("type,kind,түрі,түр,тип,вид"),
        "due": _keys("due,due date,deadline,мерзімі,мерзім,тапсыру мерзімі,срок,срок сдачи,дедлайн,сдать до"),
        "visible_from": _keys(
            "visible from,visible_from,opens,available from,ашылуы,ашылу күні,көрінеді,открыть,видно с,доступно с,"
            "дата открытия"
        ),
    }
)

_ROLE_WORDS: Mapping[CourseRole, str] = MappingProxyType(
    {
        CourseRole.STUDENT: (
            "student,pupil,learner,participant,оқушы,студент,тыңдаушы,білім алушы,қатысушы,ученик,ученица,учащийся,"
            "студентка,слушатель,участник,обучающийся"
        ),
        CourseRole.TEACHER: (
            "teacher,instructor,trainer,lecturer,editingteacher,мұғалім,ұстаз,оқытушы,педагог,жаттықтырушы,тренер,"
            "дәріскер,сынып жетекшісі,куратор,классный руководитель,учитель,учительница,преподаватель"
        ),
        CourseRole.ASSISTANT: "assistant,ta,teaching assistant,tutor,көмекші,ассистент,помощник,тьютор,лаборант",
        CourseRole.OBSERVER: "observer,guest,бақылаушы,наблюдатель,қонақ,гость",
        CourseRole.MODERATOR: "moderator,модератор",
        CourseRole.STAFF: (
            "staff,administrator,admin,coordinator,қызметкер,әкімші,үйлестіруші,әкімшілік,сотрудник,персонал,"
            "администратор,координатор,администрация"
        ),
    }
)
ROLES: Mapping[str, CourseRole] = MappingProxyType(
    {key(word): role for role, words in _ROLE_WORDS.items() for word in words.split(",")}
)
TOTALS = frozenset(
    {"итого", "всего", "барлығы", "барлығы:", "жиыны", "жалпы", "қорытынды", "total", "totals", "sum", "count"}
)
ROLE_EXAMPLES = N_("student, teacher, assistant, observer, moderator, staff")

package sample

import "testing"

func TestRomanise(t *testing.T) {
	for _, tt := range []struct {
		name     string
		system   func(string) string
		in, want string
	}{
		{"Ukrainian national", ukrainianNational, "Їжак-Згадковʼяненко Юрій Ілліч Яків", "Yizhak-Zghadkovianenko Yurii Illich Yakiv"},
		{"Ukrainian scholarly", ukrainianScholarly, "Щуйць Євген Лук'ян", "Ščujcʹ Jevhen Lukʺjan"},
		{"Ukrainian of libraries", ukrainianALALC, "Єдинорець Юрій", "Iedynoretsʹ Iurii"},
		{"Russian of passports", russianPassport, "Подъёмных Юлия Хрящ", "Podieemnykh Iuliia Khriashch"},
		{"Russian scholarly", russianScholarly, "Подъёмных Эля Цой", "Podʺëmnych Èlja Coj"},
		{"Russian in the manner of BGN", russianBGN, "Ёлкин Евгений Юрьевич", "Yolkin Yevgeniy Yur’evich"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.system(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
